// One whole answer of a probe, as text.
import { Failure } from '../../domain/failure.ts'
import { requestSays } from '../../domain/evidence.ts'
import type { Store } from '../connect.ts'
import { findIncident, iso, type Readable } from './incident-row.ts'

/** The redacted answer as it is stored: request, facts, excerpt. Throws `input.not-found`. */
export async function evidenceText(store: Store, reference: string, id: string, readable: Readable): Promise<string> {
  const incident = await findIncident(store, reference, readable)
  const row = await store
    .selectFrom('incident_evidence as taken')
    .innerJoin('evidence', 'evidence.id', 'taken.evidence')
    .select(['evidence.probe', 'evidence.params', 'evidence.outcome', 'taken.host', 'taken.taken_at'])
    .where('taken.incident', '=', incident.id)
    .where('evidence.id', '=', id)
    .limit(1)
    .executeTakeFirst()
  if (row === undefined) {
    throw new Failure({ code: 'input.not-found', message: 'This incident holds no such evidence.' })
  }
  const head = [
    `${requestSays({ probe: row.probe, params: row.params })} on ${row.host}, ${iso(row.taken_at)}`,
    `evidence ${id}`,
  ]
  const { outcome } = row
  if (outcome.status === 'failed')
    return [...head, '', `not seen (${outcome.reason}): ${outcome.message}`, ''].join('\n')
  const facts = Object.entries(outcome.facts).map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
  const cut = outcome.truncated ? ['', 'The middle was cut on the host.'] : []
  return [...head, '', ...facts, '', outcome.excerpt, ...cut, ''].join('\n')
}
