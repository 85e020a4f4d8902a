// One incident, whole: everything its page needs in one object.
import { maximumAttempts } from '../../domain/incident.ts'
import type { Catalogue } from '../../domain/playbook.ts'
import { decidingFacts, focusOf, telling } from '../../domain/telling/seen.ts'
import { tell } from '../../domain/telling/story.ts'
import { current, lastOf, type Moment, steps } from '../../domain/telling/summary.ts'
import type { EvidenceView, IncidentView, Record90, RunView, StoryEntry } from '../../domain/telling/view.ts'
import { between } from '../../domain/text.ts'
import type { Store } from '../connect.ts'
import { findIncident, iso, momentsOf, type Readable, toRow } from './incident-row.ts'
import { quarantineView } from './hosts.ts'
import { alertsOf, callsOf, decisionsOf, evidenceOf, plansOf, runsOf } from './parts.ts'
import { recordOf, runRecords } from './record.ts'

type Context = Readable & { readonly now: Date; readonly catalogue: Catalogue }

/** By number, `INC-12` or id. Throws `input.not-found`. */
export async function incidentView(store: Store, reference: string, context: Context): Promise<IncidentView> {
  const { now, catalogue } = context
  const stored = await findIncident(store, reference, context)
  const [moments, alerts, evidence, plans, decisions, runs, calls] = await Promise.all([
    momentsOf(store, stored.id),
    alertsOf(store, stored.id),
    evidenceOf(store, stored.id, decidingFacts(catalogue.playbooks)),
    plansOf(store, stored.id),
    decisionsOf(store, stored.id),
    runsOf(store, stored.id),
    callsOf(store, stored.id),
  ])
  const row = toRow(stored, moments, now)
  const quarantined = stored.host === null ? null : await quarantineView(store, stored.host)
  const subject = { ...row, title: stored.title }
  const plan = plans.listed.at(-1)
  return {
    ...row,
    source: stored.source,
    team: stored.team,
    would: lastOf(moments, 'closed')?.entry.would ?? null,
    sourceStatus: stored.source_status,
    storm: stored.storm,
    quarantined,
    cursor: { sequence: moments.at(-1)?.sequence ?? 0, runEvents: lastEvent(runs.listed) },
    steps: steps(subject, moments, iso(now)),
    story: story(moments),
    alerts: alerts.listed,
    evidence: ordered(evidence.listed, moments),
    plans: plans.listed,
    decisions: decisions.listed,
    runs: runs.listed,
    calls: calls.listed,
    left: {
      alerts: alerts.left,
      answers: evidence.left,
      plans: plans.left,
      decisions: decisions.left,
      runs: runs.left,
      calls: calls.left,
    },
    attempt: { used: Math.max(stored.attempt, plan?.attempt ?? 0), of: maximumAttempts },
    record: plan === undefined ? null : await recordOfPlaybook(store, plan.playbook, context),
  }
}

function lastEvent(runs: readonly RunView[]): number {
  return runs.at(-1)?.events.at(-1)?.sequence ?? 0
}

async function recordOfPlaybook(store: Store, playbook: string, context: Context): Promise<Record90> {
  return recordOf((await runRecords(store, context)).filter((run) => run.playbook === playbook))
}

function ordered(evidence: readonly EvidenceView[], moments: readonly Moment[]): readonly EvidenceView[] {
  const focus = focusOf(moments.map(({ entry }) => entry))
  const rounds = Map.groupBy(evidence, (one) => one.round)
  return [...rounds.values()].flatMap((round) => telling(round, focus))
}

/** Every entry as a sentence, with its time since the incident was opened or opened again. */
function story(moments: readonly Moment[]): readonly StoryEntry[] {
  const now = current(moments)
  const before = moments.slice(0, moments.length - now.length)
  return [before, now].flatMap((part) => part.map((moment) => storyEntry(moment, part[0]?.at ?? moment.at)))
}

function storyEntry({ sequence, at, entry }: Moment, start: string): StoryEntry {
  return {
    sequence,
    at,
    after: between(start, at),
    kind: entry.kind,
    ...tell(entry),
    evidence: entry.kind === 'looked' ? entry.evidence : [],
    round: entry.kind === 'looked' ? entry.round : null,
    checks: 'checks' in entry ? entry.checks : [],
    not: 'not' in entry ? entry.not : [],
    preview: entry.kind === 'planned' ? entry.preview : [],
    run: entry.kind === 'run-ended' || entry.kind === 'run-requested' ? entry.run : null,
  }
}
