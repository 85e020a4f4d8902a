import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { cloneFolder, digestOf, isStamped, stamp } from '../cache.mjs'
import { onPath, run } from '../run.mjs'
import { reasonOf, SetupError } from '../setup-error.mjs'

const modules = join(cloneFolder, 'node_modules')
const stampFile = join(modules, '.millwright-stamp')
const fix = 'type `npm ci --ignore-scripts` in the clone to see what npm says'

/** @type {import('../types.d.mts').Tool} */
export const packages = {
  name: 'packages',
  why: 'the libraries that Millwright is built on, at the versions of package-lock.json',
  where: () => modules,
  fix,
  find,
  get,
}

function lockText() {
  return readFileSync(join(cloneFolder, 'package-lock.json'), 'utf8')
}

function find() {
  const text = lockText()
  const digest = digestOf(text)
  if (isStamped(stampFile, digest)) return modules
  if (!npmInstalled(text)) return null
  stamp(stampFile, digest)
  return modules
}

/**
 * Whether npm's own record of what it put here is what the lockfile asks for: people run npm themselves, too.
 * @param {string} text
 */
function npmInstalled(text) {
  const record = join(modules, '.package-lock.json')
  if (!existsSync(record)) return false
  /** @type {Record<string, { version?: string, optional?: boolean }>} */
  const wanted = JSON.parse(text).packages
  /** @type {Record<string, { version?: string }>} */
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages
  return Object.entries(wanted).every(([place, { version, optional }]) => {
    const there = installed[place]?.version
    // npm leaves out optional packages of other platforms.
    return place === '' || there === version || (optional === true && there === undefined)
  })
}

/** @param {import('../types.d.mts').Progress} progress */
async function get(progress) {
  const npm = onPath('npm', ownPath())
  if (npm === null) {
    throw new SetupError({
      what: 'The packages could not be installed',
      why: 'npm is not on the path',
      fix: 'install Node with npm (on Debian type `apt-get install npm`) and try again',
    })
  }
  const env = { ...process.env, PATH: ownPath() }
  try {
    await run(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=notice'], {
      progress,
      label: 'npm ci',
      cwd: cloneFolder,
      env,
    })
  } catch (error) {
    throw new SetupError({ what: 'The packages could not be installed', why: reasonOf(error), fix })
  }
  stamp(stampFile, digestOf(lockText()))
}

/** The path without the clone's own `.bin`: npm must not run on the Node that it is about to remove. */
function ownPath() {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return folders.filter((folder) => !folder.includes('node_modules')).join(delimiter)
}
