// What was looked at for an incident, read from outside: nothing that the lab does not declare.
import { sql } from 'kysely'
import * as z from 'zod'
import type { Store } from '../../store/connect.ts'
import { hostDeclaration } from '../declaration.ts'

const { units, mounts, endpoints } = hostDeclaration
const declared: Readonly<Record<string, ReadonlySet<string>>> = {
  unit: new Set(units.map(({ name }) => name)),
  mount: new Set(mounts.map(({ id }) => id)),
  endpoint: new Set(endpoints.map(({ id }) => id)),
}
const mostLines = 200
const Params = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))

export type Look = { readonly host: string; readonly probe: string; readonly params: Readonly<Record<string, unknown>> }

/** Of all rounds. */
export async function readLooks(store: Store, incident: string): Promise<readonly Look[]> {
  const { rows } = await sql<Look>`
    select i.host, e.probe, e.params from incident_evidence i join evidence e on e.id = i.evidence
      where i.incident = ${incident}`.execute(store)
  return rows
}

/** One sentence; null: all of it may be looked at. `hosts`: those of the lab. */
export function lookProblem(looks: readonly Look[], hosts: readonly string[]): string | null {
  for (const { host, probe, params } of looks) {
    if (!hosts.includes(host)) return `${host} was looked at, and is no host that may be.`
    for (const [name, value] of Object.entries(Params.parse(params))) {
      if (declared[name]?.has(String(value)) === false) return `${probe} of ${host} was asked about ${name} ${value}.`
      if (name === 'lines' && Number(value) > mostLines) return `${probe} of ${host} was asked for ${value} lines.`
    }
  }
  return null
}
