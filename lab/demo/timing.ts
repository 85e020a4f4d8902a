// Durations of one incident from what its record says, and from what was seen from outside.
import type { IncidentView } from '../../domain/telling/view.ts'
import type { DemoStory } from '../../test/contract/output.ts'

/** `well`: when the host was well again seen from outside, milliseconds since 1970. */
export function secondsFromWebhook(
  incident: IncidentView | null,
  well: number | null,
): DemoStory['secondsFromWebhook'] {
  const from = Date.parse(incident?.openedAt ?? '')
  const since = (at: number | undefined): number | null => {
    return at === undefined || Number.isNaN(at - from) ? null : Math.max(0, Math.round(at - from) / 1_000)
  }
  const entry = (kind: string): number | undefined => {
    const found = incident?.story.find((one) => one.kind === kind)
    return found === undefined ? undefined : Date.parse(found.at)
  }
  const probes = (incident?.evidence ?? []).map(({ takenAt }) => Date.parse(takenAt))
  const starts = (incident?.runs ?? []).flatMap(({ startedAt }) => (startedAt === null ? [] : [Date.parse(startedAt)]))
  return {
    firstProbe: since(probes.length === 0 ? undefined : Math.min(...probes)),
    plan: since(entry('planned')),
    runStart: since(starts.length === 0 ? undefined : Math.min(...starts)),
    serviceUp: since(well ?? undefined),
    recovered: since(entry('recovered')),
    verified: since(entry('verified')),
  }
}

/** The person who approved, or the rule that let it run alone. */
export function allowedBy({ runs, decisions, plans }: IncidentView): string | null {
  const plan = plans.find(({ id }) => runs.some((run) => run.plan === id))
  if (plan === undefined) return null
  const decision = decisions.find((one) => one.planDigest === plan.digest && one.verdict === 'approve')
  return decision?.person ?? plan.policy?.rule ?? null
}
