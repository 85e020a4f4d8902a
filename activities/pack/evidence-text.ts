// One answer of a host as a model reads it: a line of facts, and the lines of logs that tell most.
import { type Evidence, type FactValue, requestSays } from '../../domain/evidence.ts'
import { labelOf } from '../../domain/evidence-text.ts'
import { counted, tellsOfTrouble, uncounted } from '../../domain/log-template.ts'

/** Characters of a fact, of a line of text. */
const maximumFact = 200
const maximumLine = 240
const maximumShort = 120
const shownItems = 3

/** Lines of text that the answer about a subject has, and any other: as the planner is shown them, or the reader. */
export const maximumLines = { planner: { subject: 14, other: 5 }, reader: { subject: 40, other: 15 } } as const

/** Probes whose answer is a text that facts only count. */
const textual: ReadonlySet<string> = new Set([
  'journal',
  'recent-logs',
  'logs',
  'metrics',
  'failed-units',
  'config-changes',
])
/** Texts that begin with what tells most; of a log that is its end. */
const inOrder: ReadonlySet<string> = new Set(['config-changes'])

export type Labelled = { readonly label: string; readonly host: string; readonly evidence: Evidence }
/** As much of it as a text needs. */
type Shown = { readonly label: string; readonly evidence: Pick<Evidence, 'request' | 'outcome'> }

export function labelled(round: number, host: string, evidence: readonly Evidence[]): readonly Labelled[] {
  return evidence.map((one, position) => ({ label: labelOf({ round, position }), host, evidence: one }))
}

/** `e1.4 unit-status nginx.service: activeState: "failed" mainPid: 0`. What was not seen is left out. */
export function factsText({ label, evidence: { request, outcome } }: Shown): string {
  const head = `${label} ${requestSays(request)}`
  if (outcome.status === 'failed') return `${head}: NOT SEEN (${outcome.reason}): ${cut(outcome.message, maximumFact)}`
  const seen = Object.entries(outcome.facts).filter(([, value]) => !isEmpty(value))
  const facts = seen
    .filter(([, value]) => !isDigest(value))
    .map(([name, value]) => `${name}: ${valueText(name, value)}`)
  return `${head}: ${facts.length === 0 ? 'nothing found' : inLines(facts)}`
}

/** Longer lines are cut on their way to a model. */
const widestLine = 400

/** As few lines as hold them, those after the first indented. */
function inLines(facts: readonly string[]): string {
  const lines: string[] = []
  for (const fact of facts) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + fact.length < widestLine) lines[lines.length - 1] = `${last} ${fact}`
    else lines.push(fact)
  }
  return lines.join('\n  ')
}

/** The same in a few words, for what is well. */
export function shortText(one: Labelled): string {
  return cut(factsText(one), maximumShort)
}

/** Lists of events as a log has them, the newest last; all others begin with the worst, the most or the newest. */
const newestLast: ReadonlySet<string> = new Set(['packages', 'unfinished'])

function valueText(name: string, value: FactValue): string {
  const text = JSON.stringify(value)
  if (text.length <= maximumFact || !Array.isArray(value)) return cut(text, maximumFact)
  const few = newestLast.has(name) ? value.slice(-shownItems) : value.slice(0, shownItems)
  return `(${value.length} in all) ${cut(JSON.stringify(few), maximumFact)}`
}

/** What was not seen, and lists and texts without anything in them: what is there says more. */
function isEmpty(value: FactValue): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0)
}

/** Tells a reader nothing; whether it is the expected one is a fact of its own. */
function isDigest(value: FactValue): boolean {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
}

/** The lines that tell of trouble, then the newest: the most telling first. */
export function linesText({ evidence: { request, outcome } }: Shown, most: number): readonly string[] {
  if (outcome.status === 'failed' || !textual.has(request.probe)) return []
  const lines = outcome.excerpt.split('\n').filter((line) => line.trim() !== '')
  const groups = alike(lines)
  const trouble = ({ newest }: Group): number => Number(tellsOfTrouble(newest))
  const ranked = groups.toSorted((a, b) => trouble(b) - trouble(a) || b.at - a.at)
  const chosen = (inOrder.has(request.probe) ? groups : ranked).slice(0, most)
  const left = lines.length - chosen.reduce((sum, { copies }) => sum + copies, 0)
  return [
    ...chosen.map(({ newest, copies }) => `  ${counted(copies, cut(newest, maximumLine))}`),
    ...(left > 0 ? [`  (${left} more lines)`] : []),
  ]
}

/** Whether a line of it tells of trouble, whatever severity its author gave it: not every program marks its errors. */
export function holdsTrouble({ evidence: { request, outcome } }: Labelled): boolean {
  return outcome.status !== 'failed' && textual.has(request.probe) && tellsOfTrouble(outcome.excerpt)
}

type Group = { readonly newest: string; readonly copies: number; readonly at: number }

/** Lines that differ in numbers only are one: the newest. */
function alike(lines: readonly string[]): readonly Group[] {
  const groups = new Map<string, Group>()
  for (const [at, line] of lines.entries()) {
    const newest = uncounted(line)
    const key = newest.replaceAll(/\d+/g, '0')
    groups.set(key, { newest, at, copies: (groups.get(key)?.copies ?? 0) + 1 })
  }
  return [...groups.values()]
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text
}
