// What Ansible is given, as data: every string is marked, so that no value is ever taken for a template.
import { Failure } from '../../domain/failure.ts'
import type { Scalar } from '../../domain/evidence.ts'

const marker = '__ansible_unsafe'
const markers = [marker, '__ansible_vault']
const hostName = /^[a-z0-9][a-z0-9-]{0,62}$/
const hostId = /^[a-z0-9][a-z0-9.-]{0,62}$/
const address = /^[a-z0-9:][a-z0-9.:-]{0,252}$/
const publicKey = /^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)|rsa-sha2-512|ssh-rsa) [A-Za-z0-9+/]+={0,3}$/
const variable = /^[a-z][a-zA-Z0-9_]{0,40}$/
const longestValue = 256

/** The host as the plan was approved for; nothing else goes into the inventory. */
export type ApprovedHost = {
  readonly id: string
  readonly name: string
  readonly address: string
  readonly port: number
  readonly hostKeys: readonly string[]
}

/** The JSON of extra variables. Throws `run.refused` for a name or a value that could be more than data. */
export function encodeVars(params: Readonly<Record<string, Scalar>>): string {
  const entries = Object.entries(params).map(([name, value]) => {
    if (!variable.test(name) || name.startsWith('ansible')) throw refused(`the parameter name ${JSON.stringify(name)}`)
    return [name, encodeValue(name, value)]
  })
  return JSON.stringify(Object.fromEntries(entries))
}

/** The JSON inventory of exactly one host. Throws `run.refused` for what is not a plain name, address or key. */
export function encodeInventory(host: ApprovedHost): string {
  checkHost(host)
  const vars = { ansible_python_interpreter: wrap('/usr/bin/python3'), ansible_host: wrap(host.address) }
  return JSON.stringify({ all: { hosts: { [host.name]: { ...vars, ansible_port: host.port } } } })
}

/** One line per pinned key, under the host's id and not its address. */
export function encodeKnownHosts(host: ApprovedHost): string {
  checkHost(host)
  if (host.hostKeys.length === 0) throw refused(`the missing host keys of ${host.name}`)
  return host.hostKeys.map((key) => `${host.id} ${plainKey(key)}\n`).join('')
}

/** Throws `run.refused` unless name, id, address and port follow the strict grammar. */
export function checkHost(host: ApprovedHost): void {
  if (!hostName.test(host.name)) throw refused(`the host name ${JSON.stringify(host.name)}`)
  if (!hostId.test(host.id)) throw refused(`the host id ${JSON.stringify(host.id)}`)
  if (!address.test(host.address)) throw refused(`the address ${JSON.stringify(host.address)}`)
  if (!Number.isInteger(host.port) || host.port < 1 || host.port > 65_535) throw refused(`the port ${host.port}`)
}

function plainKey(key: string): string {
  const plain = key.split(' ').slice(0, 2).join(' ')
  if (!publicKey.test(plain)) throw refused('a host key that is none')
  return plain
}

function encodeValue(name: string, value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'boolean') return value
  if (typeof value !== 'string' || value.length > longestValue) throw refused(`the value of ${name}`)
  if (markers.some((one) => value.includes(one)) || hasControl(value)) throw refused(`the value of ${name}`)
  return wrap(value)
}

function wrap(value: string): object {
  return { [marker]: value }
}

function hasControl(value: string): boolean {
  return Array.from(value).some((character) => character < ' ' || character === '\u007f')
}

function refused(what: string): Failure {
  return new Failure({
    code: 'run.refused',
    message: `The run would give Ansible ${what.slice(0, 200)}, which is not plain data.`,
    hint: 'Correct the inventory or the playbook’s manifest.',
  })
}
