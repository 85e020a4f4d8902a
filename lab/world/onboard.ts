// Gives Millwright its two doors on the lab's hosts, with the playbook that a team would run.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { Failure } from '../../domain/failure.ts'
import { toolPath } from '../../runtime/tools.ts'
import type { Lab } from '../up.ts'
import { declaration } from './describe.ts'
import type { Keys } from './keys.ts'

const playbook = join(import.meta.dirname, '..', '..', 'playbooks', 'onboard-host', 'playbook.yml')
const limitSeconds = 180

/** Throws `setup.missing` with Ansible's own last words. */
export async function onboard(lab: Omit<Lab, 'stop' | 'timings'>, keys: Keys, folder: string): Promise<void> {
  const inventory = join(folder, 'onboard.json')
  await writeFile(inventory, JSON.stringify(inventoryOf(lab, keys)), { mode: 0o600 })
  const result = await execa(toolPath('ansible-playbook'), ['-i', inventory, playbook], {
    cwd: folder,
    extendEnv: false,
    env: {
      PATH: '/usr/bin:/bin',
      HOME: folder,
      LANG: 'C.UTF-8',
      ANSIBLE_PIPELINING: '1',
      ANSIBLE_FORKS: '8',
      ANSIBLE_LOCAL_TEMP: join(folder, 'ansible'),
      ANSIBLE_NOCOLOR: '1',
    },
    timeout: limitSeconds * 1_000,
    all: true,
    reject: false,
  })
  if (result.exitCode === 0) return
  throw new Failure({
    code: 'setup.missing',
    message: `The lab's hosts could not be onboarded: ${result.all.split('\n').slice(-12).join(' | ')}`,
  })
}

function inventoryOf(lab: Omit<Lab, 'stop' | 'timings'>, keys: Keys): object {
  const hosts = lab.hosts.filter(({ role }) => role === 'web')
  const trust = `-F none -o UserKnownHostsFile=${lab.knownHostsPath} -o StrictHostKeyChecking=yes -o IdentitiesOnly=yes`
  return {
    all: {
      hosts: Object.fromEntries(
        hosts.map(({ name, address }) => [name, { ansible_host: address, host_id: name, declaration: declaration() }]),
      ),
      vars: {
        ansible_user: 'root',
        ansible_ssh_private_key_file: lab.operatorKeyPath,
        ansible_ssh_common_args: trust,
        ansible_python_interpreter: '/usr/bin/python3',
        read_public_key: keys.readPublic,
        ca_public_key: keys.authorityPublic,
      },
    },
  }
}
