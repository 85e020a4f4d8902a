// Where no Python index can be reached, Debian's older ansible-core, unpacked beside its libraries and not installed.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { unpackDebs } from './apt.mjs'
import { whenComplete } from './cache.mjs'
import { run } from './run.mjs'

const packages = [
  'ansible-core',
  'python3-cffi-backend',
  'python3-cryptography',
  'python3-jinja2',
  'python3-markupsafe',
  'python3-packaging',
  'python3-resolvelib',
  'python3-yaml',
]
const programs = ['ansible', 'ansible-inventory', 'ansible-playbook']

/**
 * @param {string} folder where `bin/ansible-playbook` shall be
 * @param {import('./types.d.mts').Progress} progress
 */
export async function getDebianAnsible(folder, progress) {
  await whenComplete(folder, async (temporary) => {
    await unpackDebs(packages, temporary, progress)
    mkdirSync(join(temporary, 'bin'))
    for (const program of programs) {
      const file = join(temporary, 'bin', program)
      writeFileSync(file, launcher(program))
      chmodSync(file, 0o755)
    }
    await run(join(temporary, 'bin', 'ansible-playbook'), ['--version'])
  })
}

/**
 * Debian's own Python, whatever else is first on the path: its libraries are compiled for that one.
 * @param {string} program
 */
function launcher(program) {
  return `#!/usr/bin/python3
import os, runpy, sys
root = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
sys.path.insert(0, os.path.join(root, 'usr', 'lib', 'python3', 'dist-packages'))
os.environ['PYTHONPATH'] = sys.path[0]
sys.argv[0] = os.path.join(root, 'usr', 'bin', '${program}')
runpy.run_path(sys.argv[0], run_name='__main__')
`
}
