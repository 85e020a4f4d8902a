// Writes one transition of the story, before the next step.
import type { TimelineEntry, Transition } from '../domain/timeline.ts'
import { chatLine } from '../domain/text.ts'
import type { Notification } from '../integrations/notifier.ts'
import { redactTexts } from '../runtime/redaction.ts'
import type { Store } from '../store/connect.ts'
import { putLetters } from '../store/outbox.ts'
import { peopleWereTold, writeTransition, type LockedIncident, type Tell } from '../store/transition.ts'
import type { ControlActivities } from './types.ts'

export type RecordDeps = {
  readonly store: Store
  /** Names of the config's notifiers. */
  readonly notifiers: readonly string[]
  /** How people reach the pages; no slash at its end. */
  readonly url: string
  readonly redact: (text: string) => string
}

/** Throws what `writeTransition` throws. */
export function createRecord(deps: RecordDeps): ControlActivities['record'] {
  const tell: Tell = async (tx, incident, transition) => {
    const body = notificationOf(deps, incident, transition)
    if (body === null || deps.notifiers.length === 0) return
    if (body.kind === 'handled' && !(await peopleWereTold(tx, incident.id))) return
    await putLetters(tx, body, { notifiers: deps.notifiers, sendAt: new Date(body.at) })
  }
  return async (transition) => {
    const entry = redactTexts(transition.entry, deps.redact)
    const written = await writeTransition(deps.store, { ...transition, entry }, tell)
    return { written }
  }
}

function notificationOf(deps: RecordDeps, incident: LockedIncident, transition: Transition): Notification | null {
  const news = newsOf(incident, transition.entry)
  if (news === null) return null
  const { id, number, title, severity, team, environment, host } = incident
  return {
    key: `${id}/${transition.sequence}/${news.reason}`,
    kind: news.kind,
    incident: { id, number, title, severity },
    team,
    environment,
    summary: chatLine(news.summary),
    url: `${deps.url}/incidents/${number}`,
    labels: { reason: news.reason, ...(host === null ? {} : { host }) },
    at: new Date().toISOString(),
  }
}

type News = { readonly kind: 'needs-you' | 'handled' | 'notice'; readonly reason: string; readonly summary: string }

function newsOf({ number, title }: LockedIncident, entry: TimelineEntry): News | null {
  const subject = `INC-${number} ${title}`
  if (entry.kind === 'asked') {
    return { kind: 'needs-you', reason: 'approval', summary: `${subject}: a repair waits for your decision.` }
  }
  if (entry.kind === 'handed-over') {
    return { kind: 'needs-you', reason: entry.reason, summary: `${subject}: ${entry.says}` }
  }
  // One approval may not be enough; the run that it lets begin is what ends the waiting.
  if (entry.kind === 'decided' && entry.verdict !== 'approve') {
    return { kind: 'handled', reason: entry.verdict, summary: `${subject}: ${entry.person} decided.` }
  }
  if (entry.kind === 'run-requested') {
    return { kind: 'handled', reason: 'approve', summary: `${subject}: ${entry.undo ? 'an undo' : 'a repair'} begins.` }
  }
  if (entry.kind === 'budget-lifted') {
    return { kind: 'handled', reason: 'lifted', summary: `${subject}: ${entry.person} lifted its budget.` }
  }
  if (entry.kind === 'turn' && entry.warns.length > 0) {
    return { kind: 'notice', reason: 'budget', summary: `${subject}: ${entry.warns.join(' ')}` }
  }
  if (entry.kind === 'closed') return { kind: 'handled', reason: entry.reason, summary: `${subject}: ${entry.says}` }
  return null
}
