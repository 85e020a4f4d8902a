// What set-up builds or copies lives outside the clone, by version, so that a second clone finds it.
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The clone's folder. */
export const cloneFolder = fileURLToPath(new URL('..', import.meta.url))

/** The folder that all clones of this user share. */
export function cacheFolder() {
  const { MILLWRIGHT_CACHE, XDG_CACHE_HOME } = process.env
  if (MILLWRIGHT_CACHE) return resolve(MILLWRIGHT_CACHE)
  if (process.getuid?.() === 0) return '/var/cache/millwright'
  return join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'millwright')
}

/**
 * A place in the cache.
 * @param {...string} parts
 */
export function cachePath(...parts) {
  return join(cacheFolder(), ...parts)
}

/**
 * Makes `place` appear complete or not at all: `build` fills a folder of a temporary name beside it, which then takes
 * its name. What an interrupted attempt left is removed first; the set-up's lock keeps a second attempt away.
 * @param {string} place
 * @param {(temporary: string) => Promise<void>} build
 */
export async function whenComplete(place, build) {
  const folder = dirname(place)
  makeReadableFolder(folder)
  const leftOver = new RegExp(`^${escaped(basename(place))}\\.\\d+\\.part$`)
  for (const name of readdirSync(folder)) if (leftOver.test(name)) rmSync(join(folder, name), { recursive: true })
  const temporary = `${place}.${process.pid}.part`
  makeReadableFolder(temporary)
  await build(temporary)
  rmSync(place, { recursive: true, force: true })
  renameSync(temporary, place)
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/**
 * The database's user, who is not us, must be able to reach what lies in the cache.
 * @param {string} folder
 */
export function makeReadableFolder(folder) {
  if (existsSync(folder)) return
  mkdirSync(folder, { recursive: true })
  chmodSync(folder, 0o755)
}

/**
 * SHA-256 of a text, in hex.
 * @param {string | Buffer} text
 */
export function digestOf(text) {
  return createHash('sha256').update(text).digest('hex')
}

/**
 * Whether `file` says exactly `text`: the sign that something was finished from this very input.
 * @param {string} file
 * @param {string} text
 */
export function isStamped(file, text) {
  try {
    return readFileSync(file, 'utf8') === text
  } catch {
    return false
  }
}

/**
 * @param {string} file
 * @param {string} text
 */
export function stamp(file, text) {
  writeFileSync(`${file}.${process.pid}.part`, text)
  renameSync(`${file}.${process.pid}.part`, file)
}
