// What the alerts of an incident are called at their source.
import { sql } from 'kysely'
import type { Labels } from '../domain/alert.ts'
import { Failure } from '../domain/failure.ts'
import type { IncidentId } from '../domain/ids.ts'
import type { Subject } from '../domain/inventory.ts'
import type { Store } from './connect.ts'

/** At most this many alerts of one incident are asked about. */
const maximumAlerts = 32

export type AlertRules = {
  readonly source: string
  readonly rules: readonly { readonly alert: string; readonly labels: Labels; readonly subjects: readonly Subject[] }[]
  /** When an alert of it last arrived. */
  readonly lastHeard: Date
  /** False: there are more alerts than are asked about, so nothing can be said of all of them. */
  readonly complete: boolean
}

/**
 * How many firings an incident's alerts have had. It only grows while the incident is open, so whoever knows the number
 * knows them all.
 */
export async function countFirings(store: Store, incident: IncidentId): Promise<number> {
  const rows = await sql<{ firings: number }>`
    select count(*)::integer as firings from alert where incident = ${incident} and status = 'firing'`.execute(store)
  return rows.rows[0]?.firings ?? 0
}

/** Each alert once, the newest first. Throws `input.not-found` when there is no such incident, or none with alerts. */
export async function readAlertRules(store: Store, incident: IncidentId): Promise<AlertRules> {
  const found = await sql<{ source: string; name: string; labels: Labels; subjects: Subject[]; heard: Date }>`
    select i.source, a.name, a.labels, a.subjects, a.received_at as heard
    from incident i, lateral (
      select distinct on (fingerprint) name, labels, subjects, received_at from alert
      where incident = i.id order by fingerprint, received_at desc
    ) a
    where i.id = ${incident} order by a.received_at desc limit ${maximumAlerts + 1}`.execute(store)
  const [newest] = found.rows
  if (newest === undefined) {
    throw new Failure({ code: 'input.not-found', message: `There is no incident ${incident} with alerts.` })
  }
  const rules = found.rows
    .slice(0, maximumAlerts)
    .map(({ name, labels, subjects }) => ({ alert: name, labels, subjects }))
  return { source: newest.source, rules, lastHeard: newest.heard, complete: found.rows.length <= maximumAlerts }
}
