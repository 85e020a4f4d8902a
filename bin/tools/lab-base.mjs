import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { cachePath, cloneFolder, digestOf, stamp } from '../cache.mjs'
import { run } from '../run.mjs'
import { reasonOf, SetupError } from '../setup-error.mjs'
import { node } from './node.mjs'

const lab = join(cloneFolder, 'lab')
const program = join(lab, 'main.ts')
const what = "The lab's base image could not be made"
const fix = 'type `npx millwright lab base` to see all that it says'

/** @type {import('../types.d.mts').Tool} */
export const labBase = {
  name: 'lab-base',
  why: "the system image that all of the lab's machines share",
  where: () => cachePath('lab'),
  fix,
  find,
  get,
}

/** The lab's own answer to where the layers of its image are, remembered for its sources as they are now. */
function stampFile() {
  const sources = readdirSync(lab).filter((name) => name.endsWith('.ts') || name === 'tree')
  const files = sources.sort().flatMap((name) => filesAt(join(lab, name)))
  const digest = digestOf(files.map((file) => `${file.slice(lab.length)} ${digestOf(readFileSync(file))}\n`).join(''))
  return cachePath('lab', `.layers-of-${digest.slice(0, 16)}`)
}

/**
 * @param {string} place
 * @returns {readonly string[]}
 */
function filesAt(place) {
  if (!existsSync(place)) return []
  if (statSync(place).isFile()) return [place]
  return readdirSync(place)
    .sort()
    .flatMap((name) => filesAt(join(place, name)))
}

function find() {
  if (!existsSync(program) || !existsSync(stampFile())) return null
  const layers = readFileSync(stampFile(), 'utf8').split('\n')
  return layers.every((folder) => existsSync(folder)) ? layers.join(', ') : null
}

/** @param {import('../types.d.mts').Progress} progress */
async function get(progress) {
  if (!existsSync(program)) throw new SetupError({ what, why: `${program} is missing`, fix: 'get a complete clone' })
  if (process.getuid?.() !== 0) {
    throw new SetupError({ what, why: 'only root may boot machines', fix: 'run the same command with sudo' })
  }
  const layers = await build(progress)
  mkdirSync(cachePath('lab'), { recursive: true })
  for (const name of readdirSync(cachePath('lab'))) if (name.startsWith('.layers-of-')) rmSync(cachePath('lab', name))
  stamp(stampFile(), layers)
}

/**
 * The folders of the layers, one a line, as the lab prints them on its standard output.
 * @param {import('../types.d.mts').Progress} progress
 */
async function build(progress) {
  try {
    const said = await run(node.find() ?? process.execPath, [program, 'base'], {
      progress,
      label: 'lab base',
      meter: (line) => line.slice(0, 100),
      // So that it can end its own children.
      whenWeDie: 'TERM',
    })
    return said.trim()
  } catch (error) {
    throw new SetupError({ what, why: reasonOf(error), fix })
  }
}
