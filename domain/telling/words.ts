// The words that pages, commands and Markdown share: sentences in parts, and one badge per state.
import type { EvidenceId } from '../ids.ts'
import type { ClosedReason, HandOverReason, IncidentState } from '../incident.ts'
import { count, listed } from '../text.ts'
import type { Left } from './view.ts'

/**
 * A part of a sentence: plain text, something stressed, a name or value, a piece of evidence by its label, a moment
 * (ISO 8601) that each reader sees in local form, or a wait that ends at a moment, with what was true of it when the
 * sentence was made ("40 s to go").
 */
export type Span =
  | string
  | { readonly strong: string }
  | { readonly code: string }
  | { readonly label: string; readonly evidence: EvidenceId }
  | { readonly at: string }
  | { readonly until: string; readonly says: string }
export type Sentence = readonly Span[]

/**
 * What a colour means, never alone: `acting` Millwright is at it; `need` a person is needed, or it can't be undone;
 * `bad` something is wrong with what we did; `good` proven; `plain` everything else.
 */
export type Tone = 'acting' | 'need' | 'bad' | 'good' | 'plain'
export type Shape = 'check' | 'clock' | 'tool' | 'eye' | 'arrow' | 'cross' | 'dot' | 'question' | 'hand'
/** A state as people see it: always word, shape and tone together. */
export type Badge = { readonly word: string; readonly tone: Tone; readonly shape: Shape }

export function strong(text: string): Span {
  return { strong: text }
}

export function code(text: string): Span {
  return { code: text }
}

/** The sentence as one line of text; moments as `03:22 UTC`, unless `moment` writes them another way. */
export function plainText(sentence: Sentence, moment = hourOfDay): string {
  return sentence.map((span) => spanText(span, moment)).join('')
}

function hourOfDay(at: string): string {
  return `${at.slice(11, 16)} UTC`
}

function spanText(span: Span, moment: (at: string) => string): string {
  if (typeof span === 'string') return span
  if ('strong' in span) return span.strong
  if ('code' in span) return span.code
  if ('label' in span) return span.label
  if ('until' in span) return span.says
  return moment(span.at)
}

/** `Not listed here: 135 more answers of probes and 2 more runs.`; empty where nothing is left out. */
export function leftSays(left: Partial<Left>): string {
  const { alerts = 0, answers = 0, plans = 0, decisions = 0, runs = 0, calls = 0 } = left
  const all = [
    [alerts, 'more alert', 'more alerts'],
    [answers, 'more answer of a probe', 'more answers of probes'],
    [plans, 'more plan', 'more plans'],
    [decisions, 'more decision', 'more decisions'],
    [runs, 'more run', 'more runs'],
    [calls, 'more call of a model', 'more calls of models'],
  ] as const
  const parts = all.flatMap(([number, one, many]) => (number === 0 ? [] : [count(number, one, many)]))
  return parts.length === 0 ? '' : `Not listed here: ${listed(parts)}.`
}

/** What an incident's page and row say of its state. */
export function stateBadge(incident: {
  readonly state: IncidentState
  readonly reason: HandOverReason | null
  readonly closedReason: ClosedReason | null
  readonly dryRun: boolean
}): Badge {
  if (incident.dryRun) return { word: 'Dry run', tone: incident.state === 'closed' ? 'plain' : 'acting', shape: 'eye' }
  switch (incident.state) {
    case 'open':
      return { word: 'Received', tone: 'acting', shape: 'dot' }
    case 'investigating':
      return { word: 'Looking', tone: 'acting', shape: 'eye' }
    case 'awaiting-approval':
      return { word: 'Approve', tone: 'need', shape: 'clock' }
    case 'remediating':
      return { word: 'Repairing', tone: 'acting', shape: 'tool' }
    case 'verifying':
      return { word: 'Verifying', tone: 'acting', shape: 'eye' }
    case 'handed-over':
      return handedOverBadge(incident.reason)
    case 'closed':
      return closedBadge(incident.closedReason)
  }
}

function handedOverBadge(reason: HandOverReason | null): Badge {
  if (reason === 'failed') return { word: 'Repair failed', tone: 'bad', shape: 'cross' }
  if (reason === 'broken') return { word: 'Broken off', tone: 'bad', shape: 'cross' }
  if (reason === 'unknown') return { word: 'Outcome unknown', tone: 'bad', shape: 'question' }
  return { word: 'Handed over', tone: 'need', shape: 'hand' }
}

function closedBadge(reason: ClosedReason | null): Badge {
  switch (reason) {
    case 'recovered':
      return { word: 'Repaired', tone: 'good', shape: 'check' }
    case 'repaired-by-another':
      return { word: 'Repaired by another', tone: 'good', shape: 'check' }
    case 'recovered-by-itself':
      return { word: 'Recovered by itself', tone: 'plain', shape: 'check' }
    case 'closed-by-person':
      return { word: 'Closed by a person', tone: 'plain', shape: 'hand' }
    case 'dry-run':
    case null:
      return { word: 'Closed', tone: 'plain', shape: 'dot' }
  }
}

/** Why a person has it, in one sentence. */
export const handOverReasons: Readonly<Record<HandOverReason, string>> = {
  'unknown-target': 'The alert names nothing in the inventory.',
  unreachable: 'The host could not be reached.',
  rejected: 'A person rejected the plan.',
  'taken-over': 'A person took over.',
  expired: 'It was not decided or begun in time, so it was not carried out.',
  'decision-void': 'What had been decided did not count any more when the run was to begin, so it was not carried out.',
  failed: 'The repair failed.',
  broken: "A step of Millwright's own failed for good.",
  unknown: 'What came of it is not known. It is never repeated.',
  novel: 'No known fault matches what was seen.',
  'over-budget': 'What models may cost is used up: a person may lift it.',
  'code-fix': 'The fault is in code.',
  'still-firing': 'Every check holds, yet the alert is not over.',
  ambiguous: 'More than one known fault matches what was seen.',
  'none-applicable': 'No playbook may be applied to what was seen.',
  forbidden: 'Policy forbids the repair.',
  storm: 'Too many alerts at once: only a person drives this.',
  stopped: 'Millwright is stopped.',
  'attempts-used': 'All attempts of the last hours are used.',
}
