// What makes a host itself: machine id, name, SSH host key, and the lab operator's way in. Written before it boots.
import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { admitMillwright } from './admit.ts'
import { hostPaths, labFolder } from './paths.ts'
import { run } from './run.ts'
import type { HostState, LabState } from './state.ts'

/** The private key of the lab's operator, root on every host of this lab and of no other. */
export function operatorKeyPath(lab: string): string {
  return join(labFolder(lab), 'operator_ed25519')
}

export function knownHostsPath(lab: string): string {
  return join(labFolder(lab), 'known_hosts')
}

/** The private key of Millwright's reading account on the hosts of this lab. */
export function readKeyPath(lab: string): string {
  return join(labFolder(lab), 'read_ed25519')
}

/** The private key of the authority that signs each run's own key for the hosts of this lab. */
export function authorityKeyPath(lab: string): string {
  return join(labFolder(lab), 'authority_ed25519')
}

/** Makes all keys of a lab, before any host starts. */
export async function createKeys(lab: string): Promise<void> {
  await mkdir(labFolder(lab), { recursive: true, mode: 0o700 })
  await Promise.all([
    makeKey(operatorKeyPath(lab), `operator of ${lab}`),
    makeKey(readKeyPath(lab), `millwright-read of ${lab}`),
    makeKey(authorityKeyPath(lab), `millwright-authority of ${lab}`),
  ])
}

/** Gives a mounted tree its identity and returns the public host key, type and base64. */
export async function writeIdentity(state: LabState, host: HostState): Promise<string> {
  const root = hostPaths(state.name, host.name).root
  // An empty machine id would be a first boot: systemd would then enable every unit of its presets.
  await writeFile(join(root, 'etc/machine-id'), `${randomBytes(16).toString('hex')}\n`)
  await rm(join(root, 'var/lib/dbus/machine-id'), { force: true })
  await symlink('/etc/machine-id', join(root, 'var/lib/dbus/machine-id'))
  await writeFile(join(root, 'etc/hostname'), `${host.name}\n`)
  await writeFile(join(root, 'etc/hosts'), hostsFile(state, host))
  const key = join(root, 'etc/ssh/ssh_host_ed25519_key')
  await makeKey(key, host.name)
  await authoriseOperator(state.name, root)
  await admitMillwright(root, host.name, {
    readPublicKey: await publicKey(readKeyPath(state.name)),
    authorityPublicKey: await publicKey(authorityKeyPath(state.name)),
  })
  return publicKey(key)
}

/** Without every name in here Ansible's facts take ten seconds longer. */
function hostsFile(state: LabState, host: HostState): string {
  const others = state.hosts.map((one) => `${one.address} ${one.name}`)
  return ['127.0.0.1 localhost', `127.0.1.1 ${host.name}`, '::1 localhost', ...others, ''].join('\n')
}

async function authoriseOperator(lab: string, root: string): Promise<void> {
  const folder = join(root, 'root/.ssh')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await chmod(folder, 0o700)
  await writeFile(join(folder, 'authorized_keys'), await readFile(`${operatorKeyPath(lab)}.pub`), { mode: 0o600 })
}

/** Makes a key pair without a passphrase, replacing an older one. */
export async function makeKey(path: string, comment: string): Promise<void> {
  await rm(path, { force: true })
  await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', path])
}

/** The public half, type and base64, without the comment. */
export async function publicKey(path: string): Promise<string> {
  const [type = '', base64 = ''] = (await readFile(`${path}.pub`, 'utf8')).trim().split(' ')
  return `${type} ${base64}`
}
