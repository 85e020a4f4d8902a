// What any inventory may say of a host, whoever wrote it: strict grammars, so that no name is ever an option, a path or
// a pattern.
import { z } from 'zod'
import { Failure } from '../domain/failure.ts'
import type { InventoryHost } from '../domain/inventory.ts'

const word = (pattern: RegExp, says: string) => z.string().regex(pattern, says)
const Name = word(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and dashes')
const Id = word(/^[a-z0-9][a-z0-9.-]{0,62}$/, 'lower-case letters, digits, dots and dashes')
const Address = z.union([word(/^[a-z0-9][a-z0-9.-]{0,252}$/, 'an IP address or a DNS name'), z.ipv6()])
const Port = z.int().min(1).max(65_535)
const HostKey = word(
  /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]{20,2000}={0,3}( [\w@.:-]{0,200})?$/,
  'a public host key as in known_hosts, without the name: ssh-ed25519 AAAA…',
)
const UnitName = word(
  /^[A-Za-z0-9_][A-Za-z0-9:_.@-]{0,240}\.(service|socket|timer|mount|path)$/,
  'a unit with its suffix: nginx.service',
)

const Unit = z.strictObject({
  name: UnitName,
  configs: z.array(Id).max(20).default([]),
  ports: z.array(Port).max(20).default([]),
})

const Endpoint = z.strictObject({
  id: Name,
  url: z.url({ protocol: /^https?$/ }).max(2_048),
  port: Port,
  path: word(/^\/[\w.~%/-]{0,200}$/, 'a path on that host: /health').default('/'),
  unit: UnitName.nullable().default(null),
})

const Mount = z.strictObject({ id: Name, path: word(/^\/[\w./-]{0,200}$/, 'an absolute path') })

/** One host. Everything but `id` and `address` has a default. */
export const HostEntry = z
  .strictObject({
    id: Id,
    name: Name.optional(),
    address: Address,
    port: Port.default(22),
    hostKeys: z.array(HostKey).max(10).default([]),
    team: Name.default('default'),
    environment: Name.default('default'),
    role: Name.default('host'),
    zone: Name.default('default'),
    units: z.array(Unit).max(200).default([]),
    endpoints: z.array(Endpoint).max(200).default([]),
    mounts: z.array(Mount).max(200).default([]),
    dependsOn: z.array(Id).max(10).default([]),
  })
  .transform((host) => ({ ...host, name: host.name ?? host.id.replaceAll('.', '-') }))

/** The first two that share what must be one's own, in words; null when all is well. */
export function conflictIn(hosts: readonly InventoryHost[]): string | null {
  const ids = new Set<string>()
  const names = new Set<string>()
  for (const host of hosts) {
    if (ids.has(host.id)) return `two hosts have the id ${host.id}`
    if (names.has(host.name)) return `two hosts have the name ${host.name}`
    ids.add(host.id)
    names.add(host.name)
    const problem =
      doubled(
        'unit',
        host.units.map(({ name }) => name),
      ) ??
      doubled(
        'endpoint',
        host.endpoints.map(({ id }) => id),
      )
    const orphan = host.endpoints.find(({ unit }) => unit !== null && !host.units.some(({ name }) => name === unit))
    const mount = doubled(
      'mount',
      host.mounts.map(({ id }) => id),
    )
    const what =
      problem ?? mount ?? (orphan === undefined ? null : `endpoint ${orphan.id} belongs to a unit that is not declared`)
    if (what !== null) return `host ${host.id}: ${what}`
  }
  return strangeDependency(hosts, ids)
}

function strangeDependency(hosts: readonly InventoryHost[], ids: ReadonlySet<string>): string | null {
  for (const { id, dependsOn } of hosts) {
    const twice = doubled('dependency', dependsOn)
    if (twice !== null) return `host ${id}: ${twice}`
    const strange = dependsOn.find((one) => one === id || !ids.has(one))
    if (strange === id) return `host ${id} depends on itself`
    if (strange !== undefined) return `host ${id} depends on ${strange}, which does not stand in the inventory`
  }
  return null
}

function doubled(kind: string, names: readonly string[]): string | null {
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  return twice === undefined ? null : `the ${kind} ${twice} is declared twice`
}

/** Checks a list of hosts. Throws `config.invalid`; `where` says how to find the entry that is wrong. */
export function checkHosts(entries: readonly unknown[], where: (at: number) => string): readonly InventoryHost[] {
  const hosts = entries.map((entry, at) => {
    const parsed = HostEntry.safeParse(entry)
    if (parsed.success) return parsed.data
    const [issue] = parsed.error.issues
    const path = issue?.path.map(String).join('.') || 'the entry'
    throw invalid(`${where(at)}, ${path}: ${issue?.message ?? 'not a host'}`, parsed.error)
  })
  const conflict = conflictIn(hosts)
  if (conflict !== null) throw invalid(`${where(-1)}: ${conflict}`, undefined)
  return hosts
}

function invalid(message: string, cause: unknown): Failure {
  return new Failure({
    code: 'config.invalid',
    message,
    hint: 'Correct the inventory, then reload with SIGHUP or start again.',
    cause,
  })
}
