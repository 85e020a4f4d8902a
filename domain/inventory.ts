// The inventory: what Millwright may look at and act on. Only what stands here can ever be a target.
import type { Digest, HostId } from './ids.ts'

export type Unit = {
  /** systemd's name, with its suffix: `nginx.service`. */
  readonly name: string
  /** Names of config files (see `ConfigFile`) that this unit reads. */
  readonly configs: readonly string[]
  /** TCP ports it listens on when healthy. */
  readonly ports: readonly number[]
}

export type Endpoint = {
  /** `[a-z0-9-]+`, unique on its host. */
  readonly id: string
  /** What monitoring calls it: compared with an alert's label, never fetched by the controller. */
  readonly url: string
  /** Where the host itself asks on loopback. */
  readonly port: number
  readonly path: string
  readonly unit: string | null
}

export type Mount = {
  /** `[a-z0-9-]+`, unique on its host: probes are asked by this id, never by a path. */
  readonly id: string
  /** The mount point as monitoring names it. */
  readonly path: string
}

export type InventoryHost = {
  readonly id: HostId
  /** Shown to people and used as Ansible's host name: `[a-z0-9][a-z0-9-]*`. */
  readonly name: string
  /** IP address or DNS name for SSH; same grammar, dots allowed; never begins with a dash. */
  readonly address: string
  readonly port: number
  /** Pinned public host keys, OpenSSH format (`ssh-ed25519 AAAA…`); empty means that no connection is made. */
  readonly hostKeys: readonly string[]
  readonly team: string
  readonly environment: string
  readonly role: string
  /** Task queue suffix of the workers that can reach it. */
  readonly zone: string
  readonly units: readonly Unit[]
  readonly endpoints: readonly Endpoint[]
  readonly mounts: readonly Mount[]
  /** Hosts that it needs, such as its database's. They may be looked at when something is wrong here; never changed. */
  readonly dependsOn: readonly HostId[]
}

/** What is declared for a host by name: a unit by systemd's, the others by their ids. */
export const declaredKinds = ['unit', 'mount', 'endpoint'] as const
export type DeclaredKind = (typeof declaredKinds)[number]

/** What of a target the alerts are about. Each name stands in the inventory of that host, or it is dropped. */
export type Subject = { readonly kind: DeclaredKind; readonly name: string }

/** All names of a kind that are declared for a host. */
export function declaredNames({ units, mounts, endpoints }: InventoryHost, kind: DeclaredKind): readonly string[] {
  switch (kind) {
    case 'unit':
      return units.map(({ name }) => name)
    case 'mount':
      return mounts.map(({ id }) => id)
    case 'endpoint':
      return endpoints.map(({ id }) => id)
  }
}

/** The names of a kind that subjects are about, each once; an endpoint is about the unit behind it, too. */
export function namesAbout(
  kind: DeclaredKind,
  { host, subjects }: { readonly host: InventoryHost; readonly subjects: readonly Subject[] },
): readonly string[] {
  const names = subjects.flatMap((subject) => {
    if (subject.kind === kind) return [subject.name]
    if (kind !== 'unit' || subject.kind !== 'endpoint') return []
    return host.endpoints.find(({ id }) => id === subject.name)?.unit ?? []
  })
  return [...new Set(names)]
}

/**
 * What may be looked at when something is wrong with a host: itself first, the hosts that it depends on, and a healthy
 * one of its kind to compare with. `troubled`: hosts with an open incident. Only what the same workers reach.
 */
export function readableHosts(
  target: InventoryHost,
  hosts: readonly InventoryHost[],
  troubled: ReadonlySet<HostId>,
): readonly InventoryHost[] {
  const others = hosts.filter(
    ({ id, zone, hostKeys }) => id !== target.id && zone === target.zone && hostKeys.length > 0,
  )
  const dependencies = others.filter(({ id }) => target.dependsOn.includes(id))
  const sibling = others.find(
    (one) =>
      one.role === target.role &&
      one.environment === target.environment &&
      one.team === target.team &&
      !troubled.has(one.id) &&
      !dependencies.includes(one),
  )
  return [target, ...dependencies, ...(sibling === undefined ? [] : [sibling])]
}

/** The zones that have a worker each; where no host stands in the inventory, one runs all the same. */
export function zonesOf({ hosts }: Pick<InventorySnapshot, 'hosts'>): readonly string[] {
  return hosts.length === 0 ? ['default'] : [...new Set(hosts.map((host) => host.zone))]
}

/** The inventory as loaded at one moment. */
export type InventorySnapshot = { readonly digest: Digest; readonly hosts: readonly InventoryHost[] }
