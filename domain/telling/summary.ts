// One incident in a heading, a sentence and a strip of steps, from its timeline.
import type { ClosedReason, HandOverReason, IncidentState } from '../incident.ts'
import type { TimelineEntry } from '../timeline.ts'
import type { Step } from './view.ts'
import { between, count, dollars, duration } from '../text.ts'
import { code, handOverReasons, type Sentence, type Span } from './words.ts'

/** A timeline entry with its place in time. */
export type Moment = { readonly sequence: number; readonly at: string; readonly entry: TimelineEntry }

/** What of an incident's row the sentences need. */
export type Subject = {
  readonly title: string
  readonly host: string | null
  readonly state: IncidentState
  readonly reason: HandOverReason | null
  readonly closedReason: ClosedReason | null
}

type Kind = TimelineEntry['kind']
type Entry<K extends Kind> = Extract<TimelineEntry, { kind: K }>

/** The moments since the incident was opened, or opened again. */
export function current(moments: readonly Moment[]): readonly Moment[] {
  const from = moments.findLastIndex((one) => one.entry.kind === 'reopened')
  return from === -1 ? moments : moments.slice(from)
}

/** The last entry of one kind, with its moment. */
export function lastOf<K extends Kind>(
  moments: readonly Moment[],
  kind: K,
): { readonly moment: Moment; readonly entry: Entry<K> } | null {
  const moment = moments.findLast((one) => isKind(one.entry, kind))
  return moment !== undefined && isKind(moment.entry, kind) ? { moment, entry: moment.entry } : null
}

function isKind<K extends Kind>(entry: TimelineEntry, kind: K): entry is Entry<K> {
  return entry.kind === kind
}

/** What is wrong where: the recognised fault, or what the alerts were called. */
export function heading(subject: Subject, moments: readonly Moment[]): string {
  const host = lastOf(moments, 'scoped')?.entry.host ?? subject.host
  const known = lastOf(current(moments), 'recognised')?.entry.says ?? lastOf(moments, 'recognised')?.entry.says
  const what = capital(known ?? subject.title)
  return host === null || what.includes(host) ? what : `${what} on ${host}`
}

function capital(text: string): string {
  return /^[a-z]+ /.test(text) ? text.slice(0, 1).toUpperCase() + text.slice(1) : text
}

/** The sentence that sums it up. */
export function summary(subject: Subject, all: readonly Moment[], now: string): Sentence {
  const moments = current(all)
  switch (subject.state) {
    case 'open':
      return ['Recorded; work on it starts now.']
    case 'investigating':
      return investigating(subject, moments)
    case 'awaiting-approval':
      return awaiting(moments)
    case 'remediating':
      return remediating(moments)
    case 'verifying':
      return verifying(moments, now)
    case 'handed-over':
      return handedOver(subject, moments)
    case 'closed':
      return closed(subject, moments)
  }
}

function investigating(subject: Subject, moments: readonly Moment[]): Sentence {
  const last = moments.at(-1)?.entry
  if (last?.kind === 'waits-for') return [`Waits for INC-${last.incident}, which is changing ${last.host}.`]
  const asking = modelAsked(moments)
  if (asking !== null) return asking
  const looked = lastOf(moments, 'looked')?.entry
  const failed = lastOf(moments, 'not-recovered') !== null ? 'The first repair did not hold. ' : ''
  if (looked === undefined) return [`${failed}Looking at ${subject.host ?? 'what the alert names'}, read-only.`]
  return [
    `${failed}Looked at ${looked.host} with ${count(looked.evidence.length, 'probe')}; comparing with known faults.`,
  ]
}

/** Whom it waits for, how far it is, and what it cost until now; null where no model is asked. */
function modelAsked(moments: readonly Moment[]): Sentence | null {
  const began = lastOf(moments, 'investigation-began')
  if (began === null) return null
  const since = moments.filter(({ sequence }) => sequence > began.moment.sequence).map(({ entry }) => entry)
  const turns = since.flatMap((entry) => (entry.kind === 'turn' ? [entry] : []))
  const last = turns.at(-1)
  if (last?.diagnosis !== undefined && last.diagnosis !== null) return null
  if (since.some(({ kind }) => afterwards.has(kind))) return null
  const { model, turns: most } = began.entry
  const cost = `${dollars(turns.reduce((sum, turn) => sum + turn.cost.dollars, 0))} so far.`
  const looks = last?.judged === 'look' && since.at(-1)?.kind !== 'looked'
  if (looks) return ['Looking at what ', code(model), ` asked for, exchange ${last.turn} of ${most}, ${cost}`]
  return ['Asking ', code(model), `, exchange ${(last?.turn ?? 0) + 1} of ${most}, ${cost}`]
}

/** Entries of what comes when no model is asked any more. */
const afterwards: ReadonlySet<Kind> = new Set<Kind>(['scoped', 'recognised', 'not-recognised', 'ambiguous', 'planned'])

function awaiting(moments: readonly Moment[]): Sentence {
  const plan = lastOf(moments, 'planned')?.entry
  const asked = lastOf(moments, 'asked')?.entry
  const wants: Sentence =
    plan === undefined ? ['Waits for a decision'] : [plan.wants, ' · ', code(`${plan.playbook}@${plan.version}`)]
  return asked === undefined ? wants : [...wants, ' · expires ', { at: asked.expiresAt }, ', then hands over']
}

function remediating(moments: readonly Moment[]): Sentence {
  const plan = lastOf(moments, 'planned')?.entry
  if (plan === undefined) return ['The repair runs.']
  return [`${plan.wants} · `, code(`${plan.playbook}@${plan.version}`), ` · attempt ${plan.attempt} of 2`]
}

function verifying(moments: readonly Moment[], now: string): Sentence {
  const plan = lastOf(moments, 'planned')?.entry
  const recovered = lastOf(moments, 'recovered')
  const did = plan === undefined ? 'The repair ran' : `${plan.wants}: done`
  if (recovered === null) return [`${did}; waiting until every check holds.`]
  return [`${did}; recovering, `, toGo(recovered.moment.at, recovered.entry.soakSeconds, now), '.']
}

function toGo(recoveredAt: string, soakSeconds: number, now: string): Span {
  const until = new Date(Date.parse(recoveredAt) + soakSeconds * 1000).toISOString()
  const left = between(now, until)
  return { until, says: left <= 0 ? 'last check now' : `${duration(left)} to go` }
}

function handedOver(subject: Subject, moments: readonly Moment[]): Sentence {
  const entry = lastOf(moments, 'handed-over')?.entry
  const why = subject.reason === null ? 'A person has it.' : handOverReasons[subject.reason]
  const says = entry?.says ?? ''
  return [says === '' || says === why ? why : `${why} ${says}`]
}

function closed(subject: Subject, moments: readonly Moment[]): Sentence {
  const entry = lastOf(moments, 'closed')?.entry
  if (subject.closedReason === 'recovered') return repaired(moments)
  if (subject.closedReason === 'closed-by-person')
    return [`${entry?.person ?? 'A person'}: ${entry?.says ?? 'no word left'}`]
  return [entry?.says ?? 'No further word was recorded.']
}

function repaired(moments: readonly Moment[]): Sentence {
  const [first] = moments
  const plan = lastOf(moments, 'planned')?.entry
  const decided = lastOf(moments, 'decided')?.entry
  const recovered = lastOf(moments, 'recovered')
  const verified = lastOf(moments, 'verified')
  const who = decided === undefined ? 'alone' : `after ${decided.person} approved`
  const did = plan === undefined ? 'Repaired' : `${plan.wants}: carried out ${who}`
  const back =
    recovered === null || first === undefined
      ? ''
      : `, back ${duration(between(first.at, recovered.moment.at))} after the alert`
  const held = verified === null ? '' : `, held for ${duration(verified.entry.heldSeconds * 1000)}`
  return [`${did}${back}${held}.`]
}

/** How far and how fast: six steps, the last ones replaced when it ends early. */
export function steps(subject: Subject, all: readonly Moment[], now: string): readonly Step[] {
  const moments = current(all)
  const [first] = moments
  if (first === undefined) return []
  const place = placer(first.at)
  const recognised = moments.findLast((one) => ['recognised', 'not-recognised', 'ambiguous'].includes(one.entry.kind))
  const later = recognised === undefined ? [] : moments.filter((one) => one.sequence >= recognised.sequence)
  const looked = moments.find((one) => one.entry.kind === 'looked')
  const made = [
    place('Received', 'done', first),
    looked === undefined
      ? place('Looked', subject.state === 'investigating' ? 'now' : 'todo')
      : place('Looked', 'done', looked),
    recognisedStep(recognised, place),
    allowedStep(later, place),
    repairedStep(later, place),
    verifiedStep(later, place, now),
  ]
  return ended(subject, moments, made, place)
}

type Place = (word: string, state: Step['state'], moment?: Moment, says?: Span) => Step

function placer(start: string): Place {
  return (word, state, moment, says) => ({
    word,
    state,
    at: moment?.at ?? null,
    after: moment === undefined ? null : between(start, moment.at),
    says: says === undefined ? null : [says],
  })
}

function recognisedStep(moment: Moment | undefined, place: Place): Step {
  if (moment === undefined) return place('Recognised', 'todo')
  if (moment.entry.kind === 'recognised') return place('Recognised', 'done', moment)
  return place(moment.entry.kind === 'ambiguous' ? 'Ambiguous' : 'Not recognised', 'need', moment)
}

function allowedStep(moments: readonly Moment[], place: Place): Step {
  const moment = moments.findLast((one) => ['policy', 'decided', 'approval-expired'].includes(one.entry.kind))
  if (moment === undefined) return place('Allowed', 'todo')
  if (moment.entry.kind === 'approval-expired') return place('Expired', 'need', moment)
  if (moment.entry.kind === 'decided') {
    const words = { approve: 'Approved', reject: 'Rejected', 'take-over': 'Taken over' } as const
    return place(words[moment.entry.verdict], moment.entry.verdict === 'approve' ? 'done' : 'need', moment)
  }
  if (moment.entry.kind !== 'policy') return place('Allowed', 'todo')
  const { verdict } = moment.entry.answer
  if (verdict === 'auto') return place('Allowed', 'done', moment)
  return verdict === 'ask' ? place('Approve', 'need', undefined, 'waits for you') : place('Forbidden', 'need', moment)
}

function repairedStep(moments: readonly Moment[], place: Place): Step {
  const ran = moments.findLast((one) => one.entry.kind === 'run-ended' && !one.entry.undo)
  if (ran?.entry.kind === 'run-ended') {
    if (ran.entry.outcome.kind === 'succeeded') return place(isBack(moments) ? 'Repaired' : 'Carried out', 'done', ran)
    const words = { failed: 'Repair failed', unknown: 'Outcome unknown', refused: 'Refused' } as const
    return place(words[ran.entry.outcome.kind], 'failed', ran)
  }
  const asked = moments.some((one) => one.entry.kind === 'run-requested')
  return asked ? place('Repairing', 'now', undefined, 'runs now') : place('Repaired', 'todo')
}

/** Every check holds, as far as is known now. */
function isBack(moments: readonly Moment[]): boolean {
  const last = moments.findLast((one) => ['recovered', 'verified', 'not-recovered'].includes(one.entry.kind))
  return last !== undefined && last.entry.kind !== 'not-recovered'
}

function verifiedStep(moments: readonly Moment[], place: Place, now: string): Step {
  const moment = moments.findLast((one) => ['recovered', 'verified', 'not-recovered'].includes(one.entry.kind))
  if (moment?.entry.kind === 'verified') return place('Verified', 'done', moment)
  if (moment?.entry.kind === 'not-recovered') return place('Not recovered', 'failed', moment)
  if (moment?.entry.kind === 'recovered') {
    return place('Recovering', 'now', undefined, toGo(moment.at, moment.entry.soakSeconds, now))
  }
  const ran = moments.some((one) => one.entry.kind === 'run-ended' && one.entry.outcome.kind === 'succeeded')
  return ran ? place('Verifying', 'now', undefined, 'checks run now') : place('Verified', 'todo')
}

const wellWithoutUs: Readonly<Partial<Record<ClosedReason, string>>> = {
  'repaired-by-another': 'Repaired by another',
  'recovered-by-itself': 'Recovered by itself',
}

/** What did not happen any more is not shown as still to come. */
function ended(subject: Subject, moments: readonly Moment[], made: readonly Step[], place: Place): readonly Step[] {
  if (subject.state !== 'handed-over' && subject.state !== 'closed') return made
  const happened = made.filter((step) => step.at !== null)
  const kind = subject.state === 'closed' ? 'closed' : 'handed-over'
  if (kind === 'closed' && subject.closedReason === 'recovered') return happened
  const moment = lastOf(moments, kind)?.moment
  if (kind === 'handed-over') return [...happened, place('Handed over', 'need', moment)]
  const alone = subject.closedReason === null ? undefined : wellWithoutUs[subject.closedReason]
  if (alone === undefined) return [...happened, place('Closed', 'done', moment)]
  // Nothing was left to recognise, so that nothing was recognised is no failure.
  return [...happened.filter((step) => step.state === 'done'), place(alone, 'done', moment)]
}
