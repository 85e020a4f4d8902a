// What people see around incidents, as data: playbooks, sources, hosts, and Millwright itself. Moments are ISO 8601 in
// UTC.
import type { Labels } from '../alert.ts'
import type { Digest, RunId } from '../ids.ts'
import type { Person } from '../person.ts'
import type { Mode } from '../playbook.ts'
import type { Record90 } from './view.ts'
import type { Badge } from './words.ts'

export type PlaybookView = {
  readonly id: string
  readonly version: string
  readonly digest: Digest
  readonly title: string
  readonly wants: string
  readonly owner: string
  readonly whenToUse: string
  readonly whenNotToUse: string
  readonly tier: number
  /** The mode that counts in each environment where hosts stand. */
  readonly modes: readonly { readonly environment: string; readonly mode: Mode }[]
  readonly signatures: readonly { readonly id: string; readonly says: string; readonly conditions: readonly string[] }[]
  readonly effects: readonly { readonly says: string; readonly reversible: boolean }[]
  readonly verify: readonly string[]
  /** How long the checks must hold. */
  readonly soakSeconds: number
  readonly undo: string
  readonly limits: { readonly perHostHour: number; readonly cooldownSeconds: number }
  readonly record: Record90
  readonly lastRuns: readonly LastRun[]
}

export type LastRun = {
  readonly run: RunId
  readonly incident: number
  readonly host: string
  readonly at: string
  readonly badge: Badge
}

export type SourceView = {
  readonly name: string
  readonly use: string
  readonly team: string
  readonly environment: string
  /** Where it posts to. */
  readonly url: string
  readonly metrics: string | null
  readonly today: number
  readonly deliveries: readonly DeliveryView[]
}

export type DeliveryView = {
  readonly id: string
  readonly source: string
  readonly receivedAt: string
  readonly result: 'opened' | 'merged' | 'reopened' | 'ignored' | 'test' | 'rejected'
  readonly says: string
  readonly truncatedAlerts: number
  readonly incidents: readonly number[]
  /** What was new in it: its first alerts, redacted. One that stood there already is not among them. */
  readonly alerts: readonly { readonly name: string; readonly labels: Labels }[]
}

export type HostView = {
  readonly id: string
  readonly name: string
  readonly address: string
  readonly port: number
  readonly role: string
  readonly team: string
  readonly environment: string
  readonly zone: string
  /** How many host keys are pinned; with none no connection is made. */
  readonly keys: number
  readonly units: readonly string[]
  readonly mounts: readonly string[]
  readonly endpoints: readonly string[]
  readonly openIncidents: readonly { readonly number: number; readonly title: string; readonly needsYou: boolean }[]
  readonly lastSeenAt: string | null
  readonly lastChangeAt: string | null
  readonly busyWith: RunId | null
  readonly quarantined: QuarantineView | null
}

/** Nothing changes on such a host until a person releases it; `by` is a person's name or `millwright`. */
export type QuarantineView = { readonly at: string; readonly because: string; readonly by: string }

export type PersonView = Person & {
  readonly createdAt: string
  /** Who let them in or changed them last; null: whoever starts Millwright on its machine. */
  readonly letInBy: string | null
  /** Logins that are open now. */
  readonly sessions: number
  readonly lastSeenAt: string | null
}

export type SystemStatus = {
  readonly at: string
  readonly acting: boolean
  readonly stopped: { readonly by: string; readonly team: string; readonly says: string; readonly at: string } | null
  readonly environments: readonly string[]
  readonly timeFactor: number
  readonly sources: number
  readonly hosts: number
  readonly playbooks: { readonly known: number; readonly usable: number }
  readonly incidents: { readonly needsYou: number; readonly inProgress: number }
  /** Accepted but not yet told to Temporal. */
  readonly dispatch: { readonly waiting: number; readonly oldest: string | null; readonly error: string | null }
  /** Messages to people that are not sent yet. */
  readonly outbox: { readonly waiting: number; readonly givenUp: number; readonly error: string | null }
}
