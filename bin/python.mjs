// Private Python environments, also on a Debian whose Python comes without pip and ensurepip.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unpackDebs } from './apt.mjs'
import { onPath, run } from './run.mjs'

/** Python wheels of pip and setuptools that Debian's own venv would use. */
const pipPackage = 'python3-pip-whl'

/**
 * A virtual environment with pip in `folder`.
 * @param {string} folder
 * @param {import('./types.d.mts').Progress} progress
 */
export async function makeVenv(folder, progress) {
  const python = onPath('python3')
  if (python === null) throw new Error('python3 is not on the path')
  const isWhole = await run(python, ['-c', 'import ensurepip, venv']).then(
    () => true,
    () => false,
  )
  if (isWhole) await run(python, ['-m', 'venv', folder], { progress, label: 'python3 -m venv' })
  else await makeVenvWithoutPip(python, folder, progress)
}

/**
 * @param {string} python
 * @param {string} folder
 * @param {import('./types.d.mts').Progress} progress
 */
async function makeVenvWithoutPip(python, folder, progress) {
  progress.line(`this Python comes without pip: unpacking it from Debian's ${pipPackage}, without installing that`)
  await run(python, ['-m', 'venv', '--without-pip', folder])
  const unpacked = mkdtempSync(join(tmpdir(), 'millwright-pip-'))
  try {
    await unpackDebs([pipPackage], unpacked, progress)
    const wheels = join(unpacked, 'usr', 'share', 'python-wheels')
    const wheel = readdirSync(wheels).find((name) => name.startsWith('pip-') && name.endsWith('.whl'))
    if (wheel === undefined) throw new Error(`Debian's ${pipPackage} holds no wheel of pip`)
    const pip = join(wheels, wheel)
    await run(join(folder, 'bin', 'python3'), [join(pip, 'pip'), 'install', '--quiet', '--no-index', pip])
  } finally {
    rmSync(unpacked, { recursive: true, force: true })
  }
}

/**
 * Runs the environment's own pip.
 * @param {string} folder
 * @param {readonly string[]} args
 * @param {import('./types.d.mts').Progress} progress
 */
export async function pipInstall(folder, args, progress) {
  const python = join(folder, 'bin', 'python3')
  const options = [
    '--disable-pip-version-check',
    '--no-input',
    '--retries',
    '2',
    '--timeout',
    '20',
    '--only-binary',
    ':all:',
  ]
  await run(python, ['-m', 'pip', 'install', ...options, ...args], {
    progress,
    label: 'pip install',
    meter: (line) => (/^(Collecting|Downloading|Installing)/.test(line) ? line.slice(0, 60) : null),
  })
}
