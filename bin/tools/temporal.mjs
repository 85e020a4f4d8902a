import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { cachePath, whenComplete } from '../cache.mjs'
import { goCompiler } from '../go.mjs'
import { isExecutable, onPath, run } from '../run.mjs'
import { reasonOf, SetupError } from '../setup-error.mjs'

/**
 * The last tag of the command line that `go install` can build: later ones replace a module that was never published.
 */
const version = '1.5.1'
/** So many packages the build compiles; only for the progress line. */
const packagesToCompile = 1_300
const folder = () => cachePath('temporal', version)
const fix =
  'install the `temporal` command so that it is on the path, or set TEMPORAL_ADDRESS to a server, and try again'

/** @type {import('../types.d.mts').Tool} */
export const temporal = {
  name: 'temporal',
  why: 'the server in which every incident is a durable workflow',
  where: folder,
  fix,
  find: () => process.env['TEMPORAL_ADDRESS'] || onPath('temporal') || cached(),
  get,
}

function cached() {
  const file = join(folder(), 'temporal')
  return isExecutable(file) ? file : null
}

/** @param {import('../types.d.mts').Progress} progress */
async function get(progress) {
  // The SDK can download a server, but checks it against no digest; a build from source is checked by Go's own record.
  progress.line(`building it from source (v${version}); the SDK's download is not used, as nothing vouches for it`)
  const go = await goCompiler(progress).catch((error) => {
    throw new SetupError({ what: 'Temporal could not be built', why: reasonOf(error), fix })
  })
  const caches = cachePath('go-build')
  mkdirSync(caches, { recursive: true })
  try {
    await whenComplete(folder(), (temporary) => build(go, { caches, temporary, progress }))
  } catch (error) {
    throw new SetupError({ what: 'Temporal could not be built', why: reasonOf(error), fix })
  }
  rmSync(caches, { recursive: true, force: true })
}

/**
 * @param {string} go
 * @param {{ caches: string, temporary: string, progress: import('../types.d.mts').Progress }} places
 */
async function build(go, { caches, temporary, progress }) {
  let fetched = 0
  let compiled = 0
  const env = {
    ...process.env,
    CGO_ENABLED: '0',
    GOBIN: temporary,
    // Kept until the build is through, so that an interrupted one goes on where it was; nothing stays in the home
    // folder.
    GOPATH: join(caches, 'path'),
    GOMODCACHE: join(caches, 'modules'),
    GOCACHE: join(caches, 'objects'),
    GOFLAGS: '-modcacherw -trimpath',
  }
  const stamped = `-s -w -X github.com/temporalio/cli/temporalcli.Version=${version}`
  const module = `github.com/temporalio/cli/cmd/temporal@v${version}`
  await run(go, ['install', '-v', `-ldflags=${stamped}`, module], {
    progress,
    label: 'go install',
    env,
    meter: (line) => {
      if (line.startsWith('go: downloading')) fetched += 1
      else compiled += 1
      return `${fetched} modules fetched, ${compiled} of about ${packagesToCompile} packages compiled`
    },
  })
}
