// What the probe `run-record` answers, as the write door's words.
import { z } from 'zod'
import type { Evidence } from '../domain/evidence.ts'
import type { RunId } from '../domain/ids.ts'
import type { RunRecord } from './write-door.ts'

const number = z.number().nullable()
const text = z.string().nullable()

/** The facts that are used here; the probe's own definition is the authority. */
const Facts = z.object({
  found: z.boolean(),
  run: text,
  planDigest: text,
  fence: number,
  host: text,
  ok: number,
  failures: number,
  unreachable: number,
  changed: number,
  skipped: number,
  rescued: number,
  ignored: number,
  tasks: number,
  failedTask: text,
  ended: text,
  left: number,
})

/** Reads the one answer. Whatever is not a whole record counts as unreadable, never as none. */
export function recordFrom(run: RunId, evidence: readonly Evidence[]): RunRecord {
  const outcome = evidence[0]?.outcome
  if (outcome === undefined) return { kind: 'unreadable', says: 'The host was not asked.' }
  if (outcome.status === 'failed') return { kind: 'unreadable', says: outcome.message }
  const facts = Facts.safeParse(outcome.facts)
  if (!facts.success) return { kind: 'unreadable', says: 'The host answered something else than a record.' }
  if (!facts.data.found) return { kind: 'none' }
  const { planDigest, fence, ended, left } = facts.data
  if (facts.data.run !== run) return { kind: 'unreadable', says: 'The host has another run under this fence.' }
  return { kind: 'found', planDigest, fence, ended, left: left ?? 0, statistics: statisticsFrom(facts.data) }
}

function statisticsFrom(facts: z.output<typeof Facts>): Extract<RunRecord, { kind: 'found' }>['statistics'] {
  const { host, ok, failures, unreachable, changed, skipped, rescued, ignored, tasks, failedTask } = facts
  if (host === null || tasks === null) return null
  const counts = { ok, failures, unreachable, changed, skipped, rescued, ignored }
  const whole = z
    .record(z.enum(['ok', 'failures', 'unreachable', 'changed', 'skipped', 'rescued', 'ignored']), z.int())
    .safeParse(counts)
  return whole.success ? { hosts: { [host]: whole.data }, tasks, failedTask } : null
}
