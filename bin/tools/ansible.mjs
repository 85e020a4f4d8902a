import { readFileSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { getDebianAnsible } from '../ansible-debian.mjs'
import { cachePath, digestOf, isStamped, makeReadableFolder, stamp } from '../cache.mjs'
import { makeVenv, pipInstall } from '../python.mjs'
import { isExecutable } from '../run.mjs'
import { reasonOf, SetupError } from '../setup-error.mjs'

/** Newest that runs on Debian 12's Python. */
const version = '2.19.14'
const requirements = fileURLToPath(new URL('../ansible-requirements.txt', import.meta.url))
const folder = () => cachePath('ansible', version)
const debianFolder = () => cachePath('ansible', 'debian')
const stampFile = () => join(folder(), '.complete')
const fix = 'see that `python3` (3.11 or newer) and a Python index are there, or type `apt-get update`, and try again'

/** @type {import('../types.d.mts').Tool} */
export const ansible = {
  name: 'ansible',
  why: `ansible-core ${version} runs the playbooks, in an environment of its own`,
  where: folder,
  fix,
  find: () => inVenv() ?? fromDebian(),
  get,
}

function inVenv() {
  const program = join(folder(), 'bin', 'ansible-playbook')
  return isExecutable(program) && isStamped(stampFile(), stampText()) ? program : null
}

function fromDebian() {
  const program = join(debianFolder(), 'bin', 'ansible-playbook')
  return isExecutable(program) ? program : null
}

/**
 * An environment fits one Python only: the machine's may have been replaced by a newer one since. It is the
 * environment's own that counts, not whichever comes first on somebody's path: two shells would take it away from
 * each other, also from under a run.
 */
function stampText() {
  return `${digestOf(readFileSync(requirements))} ${ownPython()}\n`
}

function ownPython() {
  try {
    return realpathSync(join(folder(), 'bin', 'python3'))
  } catch {
    // The Python that it was made with is gone, or it was never made.
    return 'none'
  }
}

/** @param {import('../types.d.mts').Progress} progress */
async function get(progress) {
  try {
    await getVenv(progress)
  } catch (error) {
    rmSync(folder(), { recursive: true, force: true })
    progress.line(`ansible-core ${version} could not be had (${reasonOf(error)}): taking Debian's, unpacked`)
    await getDebianAnsible(debianFolder(), progress).catch((other) => {
      const why = `the Python index failed (${reasonOf(error)}) and so did Debian's package (${reasonOf(other)})`
      throw new SetupError({ what: 'Ansible could not be had', why, fix })
    })
  }
}

/**
 * The programs of an environment carry its path, so it is built in place and called complete by its stamp.
 * @param {import('../types.d.mts').Progress} progress
 */
async function getVenv(progress) {
  rmSync(folder(), { recursive: true, force: true })
  makeReadableFolder(cachePath('ansible'))
  await makeVenv(folder(), progress)
  await pipInstall(folder(), ['--require-hashes', '--requirement', requirements], progress)
  stamp(stampFile(), stampText())
}
