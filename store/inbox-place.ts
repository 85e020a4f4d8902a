// Which incident each alert of a payload belongs to: pure, over what the transaction has read and locked.
import { alertName, type Alert } from '../domain/alert.ts'
import type { Digest, HostId } from '../domain/ids.ts'
import { stormIncidents } from '../domain/incident.ts'
import type { Subject } from '../domain/inventory.ts'
import { digestOf } from '../runtime/digest.ts'

/** An alert with what it is about, found in the inventory. `host` null: nothing there matches its labels. */
export type IncomingAlert = {
  readonly alert: Alert
  readonly host: { readonly id: HostId; readonly name: string; readonly environment: string } | null
  readonly subjects: readonly Subject[]
}

/** One verified and parsed payload. */
export type Incoming = {
  readonly source: string
  readonly team: string
  readonly environment: string
  /** As it came: what the group is recognised by. */
  readonly groupKey: string
  /** Redacted. */
  readonly groupKeyKept: string
  readonly truncated: number
  /** SHA-256 of the raw bytes. */
  readonly bodyDigest: Digest
  /** Redacted; cut when it is stored. */
  readonly body: string
  readonly alerts: readonly IncomingAlert[]
  readonly traceparent: string | null
  readonly receivedAt: Date
  /** No source sent it: this person wants it looked into, and no incident of it may act. */
  readonly dryRun?: { readonly person: string }
}

/** An incident that is open, or was closed so lately that it opens again. */
export type Known = { readonly id: string; readonly identity: string; readonly closed: boolean }

/** What was read under the locks; `place` keeps it true for the next payload of the same transaction. */
export type Ground = {
  readonly known: Map<string, Known>
  /** How many incidents of a group were opened within the storm's window, by group id. */
  readonly opened: Map<string, number>
}

export type PlacementKind = 'opened' | 'reopened' | 'merged'

export type Placement = {
  readonly kind: PlacementKind
  readonly incident: string
  readonly identity: string
  readonly host: IncomingAlert['host']
  readonly storm: boolean
  readonly alerts: readonly IncomingAlert[]
}

/** The incident's identity; unique among those not closed. A host's id never reads like the two other words. */
export function identityOf(source: string, groupKey: string, target: HostId | null): string {
  return digestOf([source, groupKey, target === null ? 'unresolved' : `host/${target}`])
}

/** What a payload is looked up by; hashed once, however often it is asked. */
type Keys = { readonly groupId: string; readonly storm: string; readonly buckets: readonly Bucket[] }

const keys = new WeakMap<Incoming, Keys>()

function keysOf(incoming: Incoming): Keys {
  const there = keys.get(incoming)
  if (there !== undefined) return there
  const { source, groupKey } = incoming
  const groupId = `grp_${digestOf([source, groupKey]).slice(0, 32)}`
  const made = { groupId, storm: digestOf([source, groupKey, 'storm']), buckets: buckets(incoming) }
  keys.set(incoming, made)
  return made
}

/** The same for every incident of one source's group. */
export function groupIdOf(incoming: Incoming): string {
  return keysOf(incoming).groupId
}

/** Every identity that a payload may belong to. */
export function identitiesOf(incoming: Incoming): readonly string[] {
  const { buckets: all, storm } = keysOf(incoming)
  return [...all.map(({ identity }) => identity), storm]
}

/**
 * Sorts a payload's alerts into incidents. Those that only say that something unknown is over belong to none; what ends
 * after we closed its incident is kept with it and opens nothing.
 */
export function place(incoming: Incoming, ground: Ground, newId: () => string): readonly Placement[] {
  const { groupId, storm: stormIdentity, buckets: all } = keysOf(incoming)
  const storm = ground.known.get(stormIdentity)
  const placed: Placement[] = []
  const fresh: Bucket[] = []
  const stormy: IncomingAlert[] = []
  for (const bucket of all) {
    const known = ground.known.get(bucket.identity)
    if (known?.closed === false) placed.push(placement('merged', known.id, bucket))
    else if (storm?.closed === false) stormy.push(...bucket.alerts)
    else if (known !== undefined) placed.push(placement(bucket.firing ? 'reopened' : 'merged', known.id, bucket))
    else if (bucket.firing) fresh.push(bucket)
  }
  const opened = (ground.opened.get(groupId) ?? 0) + fresh.length
  if (opened > stormIncidents && fresh.length > 0) stormy.push(...fresh.flatMap(({ alerts }) => alerts))
  else placed.push(...fresh.map((bucket) => placement('opened', newId(), bucket)))
  if (stormy.length > 0) {
    const kind = storm === undefined ? 'opened' : storm.closed ? 'reopened' : 'merged'
    const incident = storm?.id ?? newId()
    placed.push({ kind, incident, identity: stormIdentity, host: null, storm: true, alerts: stormy })
  }
  remember(ground, groupId, placed)
  return placed
}

/** What people see in a list: the alerts' names and the place. */
export function titleOf({ alerts, host, storm }: Placement): string {
  const names = [
    ...new Set(alerts.filter(({ alert }) => alert.status === 'firing').map(({ alert }) => alertName(alert))),
  ]
  const [first = 'unnamed alert', ...more] = names
  const what = more.length === 0 ? first : `${first} and ${more.length} more`
  const hosts = new Set(alerts.map((item) => item.host?.id)).size
  const title = storm ? `${what}: a storm over ${hosts} hosts` : `${what} on ${host?.name ?? 'an unknown host'}`
  return title.replace(/\p{C}+/gu, ' ').slice(0, 200)
}

const severities = ['critical', 'page', 'error', 'high', 'warning', 'info']

/** The gravest severity that the firing alerts carry. */
export function severityOf({ alerts }: Placement): string | null {
  const said = alerts.flatMap(({ alert }) => (alert.status === 'firing' ? (alert.labels['severity'] ?? []) : []))
  return severities.find((severity) => said.includes(severity)) ?? said[0]?.slice(0, 60) ?? null
}

type Bucket = {
  readonly identity: string
  readonly host: IncomingAlert['host']
  readonly firing: boolean
  readonly alerts: readonly IncomingAlert[]
}

function buckets(incoming: Incoming): readonly Bucket[] {
  const byHost = Map.groupBy(incoming.alerts, ({ host }) => host?.id ?? null)
  return [...byHost].map(([id, alerts]) => ({
    identity: identityOf(incoming.source, incoming.groupKey, id),
    host: alerts[0]?.host ?? null,
    firing: alerts.some(({ alert }) => alert.status === 'firing'),
    alerts,
  }))
}

function placement(kind: PlacementKind, incident: string, { identity, host, alerts }: Bucket): Placement {
  return { kind, incident, identity, host, storm: false, alerts }
}

function remember(ground: Ground, groupId: string, placed: readonly Placement[]): void {
  const open = placed.filter(({ kind }) => kind !== 'merged')
  for (const { incident, identity } of open) ground.known.set(identity, { id: incident, identity, closed: false })
  const opened = placed.filter(({ kind }) => kind === 'opened').length
  ground.opened.set(groupId, (ground.opened.get(groupId) ?? 0) + opened)
}
