// Hosts that Millwright may reach: the team's own onboarding playbook, run once over SSH on a host booted for it, kept
// as a layer. What differs from host to host and from lab to lab is written into each tree before it boots
// (`admit.ts`).
import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toolPath } from '../runtime/tools.ts'
import type { Progress } from './base.ts'
import { hostDeclaration } from './declaration.ts'
import { makeKey, publicKey } from './identity.ts'
import { hostPaths } from './paths.ts'
import { run } from './run.ts'
import type { Lab } from './start.ts'

const repository = join(import.meta.dirname, '..')
const playbookTimeoutMs = 12 * 60_000

/** What the layer is made from: a change in any of these makes a new one. */
export const onboardingSources = ['host', 'playbooks/onboard-host', 'probes'].map((folder) => join(repository, folder))

/** Files of a host that belong to that host, not to all that share the layer. */
const ownToHost = [
  'etc/machine-id',
  'etc/hostname',
  'etc/hosts',
  'var/lib/dbus',
  'root',
  'tmp',
  'var/tmp',
  'run',
  'home',
  'etc/ssh/ssh_host_ed25519_key',
  'etc/ssh/ssh_host_ed25519_key.pub',
  'var/lib/systemd',
  'var/lib/private',
  'var/lib/prometheus',
]

/** Onboards the only host of a lab that was started for this, and keeps what that changed as a layer in `folder`. */
export async function makeOnboardedLayer(lab: Lab, folder: string, progress: Progress): Promise<void> {
  progress('lab: onboarding a host with playbooks/onboard-host, once for this version')
  const [host] = lab.hosts
  if (host === undefined) return
  const work = await mkdtemp(join(tmpdir(), 'lab-onboarding-'))
  try {
    await playOnboarding(lab, work)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  const building = `${folder}.building`
  await rm(building, { recursive: true, force: true })
  await run(['cp', '-a', hostPaths(lab.name, host.name).upper, building])
  for (const path of ownToHost) await rm(join(building, path), { recursive: true, force: true })
  for (const entry of await readdir(join(building, 'var/log')))
    await rm(join(building, 'var/log', entry), { recursive: true, force: true })
  await rename(building, folder)
}

async function playOnboarding(lab: Lab, work: string): Promise<void> {
  const [host] = lab.hosts
  const vars = join(work, 'vars.json')
  const inventory = join(work, 'inventory.json')
  // Nobody keeps the private halves: until a lab writes its own keys, nobody gets in.
  await makeKey(join(work, 'nobody'), 'nobody')
  const nobody = await publicKey(join(work, 'nobody'))
  const given = { host_id: 'unnamed', read_public_key: nobody, ca_public_key: nobody, declaration: hostDeclaration }
  await writeFile(vars, JSON.stringify(given))
  const login = {
    ansible_host: host?.address,
    ansible_user: 'root',
    ansible_ssh_private_key_file: lab.operatorKeyPath,
    ansible_python_interpreter: '/usr/bin/python3',
  }
  await writeFile(inventory, JSON.stringify({ all: { hosts: { unnamed: login } } }))
  const config = join(work, 'ansible.cfg')
  await writeFile(config, '')
  const ssh = [
    'ControlMaster=auto',
    'ControlPersist=2s',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${lab.knownHostsPath}`,
  ]
  const env = {
    HOME: work,
    ANSIBLE_LOCAL_TEMP: join(work, 'tmp'),
    ANSIBLE_SSH_CONTROL_PATH_DIR: join(work, 'cp'),
    ANSIBLE_SSH_ARGS: ['-F', 'none', ...ssh.map((option) => `-o${option}`)].join(' '),
    ANSIBLE_PIPELINING: '1',
    ANSIBLE_CONFIG: config,
    LC_ALL: 'C.UTF-8',
  }
  const playbook = join(repository, 'playbooks/onboard-host/playbook.yml')
  await run([toolPath('ansible-playbook'), '--inventory', inventory, '--extra-vars', `@${vars}`, playbook], {
    timeoutMs: playbookTimeoutMs,
    env,
  })
}
