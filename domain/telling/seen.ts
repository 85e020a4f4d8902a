// What probes saw, in words.
import type { Facts, FactValue } from '../evidence.ts'
import type { Playbook } from '../playbook.ts'
import { short } from './story.ts'
import type { TimelineEntry } from '../timeline.ts'
import type { EvidenceView } from './view.ts'
import { bytes, count } from '../text.ts'

/** Longer lists and texts are cut; the raw answer stands in the evidence. */
const longestList = 3
const longestText = 160

const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/
const digest = /^[0-9a-f]{40,}$/
/** Facts that are seconds since 1970 are named so. */
const timeName = /(since|at|time|change|clock|seconds|newest|oldest|last|now)$/i
const [earliest, latest] = [1e9, 4e9]

/**
 * A fact's value for people: sizes and shares with their unit, moments as such, yes and no, lists cut.
 * What was not seen is `unknown`.
 */
export function factSays(name: string, value: FactValue): string {
  if (value === null) return 'unknown'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number') return numberSays(name, value)
  if (typeof value === 'string') return textSays(value)
  const shown = value.slice(0, longestList).map((item) => textSays(String(item)))
  const left = value.length - shown.length
  return shown.length === 0 ? 'none' : `${shown.join(', ')}${left > 0 ? ` and ${count(left, 'more', 'more')}` : ''}`
}

function numberSays(name: string, value: number): string {
  if (/bytes$/i.test(name)) return bytes(value)
  if (/percent$/i.test(name)) return `${value} %`
  if (timeName.test(name) && value > earliest && value < latest) return momentSays(new Date(value * 1000).toISOString())
  return value.toLocaleString('en-GB')
}

function textSays(value: string): string {
  if (value === '') return 'none'
  if (moment.test(value)) return momentSays(value)
  return digest.test(value) ? short(value) : cut(value)
}

function momentSays(value: string): string {
  return `${value.slice(0, 19).replace('T', ' ')} UTC`
}

/** Facts without those that were not seen. */
export function seenFacts(facts: Facts): readonly (readonly [string, Exclude<FactValue, null>])[] {
  return Object.entries(facts).flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]))
}

/** The first facts of one answer: `state failed, result oom-kill`; how many more there are is said. */
export function factsSay(facts: Facts, longest = 6): string {
  const all = seenFacts(facts)
  const said = all.slice(0, longest).map(([name, value]) => `${factName(name)} ${factSays(name, value)}`)
  const left = all.length - said.length
  if (said.length === 0) return 'nothing to report'
  return `${said.join(', ')}${left > 0 ? `, ${count(left, 'more fact')}` : ''}`
}

/** `startTime` and `start_time` as `start time`; the unit of a size or share stands at its value. */
export function factName(name: string): string {
  const words = name.replace(/(?<=.)(Bytes|Percent)$/, '')
  return words.replaceAll(/([a-z0-9])([A-Z])|_/g, (_, a: string = '', b: string = '') => `${a} ${b.toLowerCase()}`)
}

/** The facts that some playbook decides by, as `probe.fact`. */
export function decidingFacts(playbooks: readonly Playbook[]): ReadonlySet<string> {
  const predicates = playbooks.flatMap((playbook) => [
    ...playbook.signatures.flatMap((signature) => [...signature.all, ...signature.none]),
    ...playbook.preconditions,
    ...playbook.verify.predicates,
  ])
  return new Set(predicates.map(({ probe, fact }) => `${probe}.${fact}`))
}

/** The same facts, those first that something is decided by, those last that were not seen. */
export function tellingFirst(probe: string, facts: Facts, deciding: ReadonlySet<string>): Facts {
  const rank = ([name, value]: readonly [string, FactValue]): number =>
    deciding.has(`${probe}.${name}`) ? 0 : value === null ? 2 : 1
  return Object.fromEntries(Object.entries(facts).toSorted((a, b) => rank(a) - rank(b)))
}

/** What a story rests on: the evidence that a recognised fault or a diagnosis cites, and what the alerts are about. */
export type Focus = { readonly cited: ReadonlySet<string>; readonly subjects: ReadonlySet<string> }

/**
 * One round of answers: those first that a fault is concluded from, then about the alerts' subjects, then what could
 * not be seen, then the rest.
 */
export function telling(round: readonly EvidenceView[], { cited, subjects }: Focus): readonly EvidenceView[] {
  const rank = ({ id, seen, request }: EvidenceView): number => {
    if (cited.has(id)) return 0
    if (Object.values(request.params).some((value) => subjects.has(String(value)))) return 1
    return seen.status === 'failed' ? 2 : 3
  }
  return round.toSorted((a, b) => rank(a) - rank(b))
}

/** The focus of a timeline. */
export function focusOf(entries: readonly TimelineEntry[]): Focus {
  const checks = entries.flatMap((entry) => (entry.kind === 'recognised' ? entry.checks : []))
  const concluded = entries.flatMap((entry) => (entry.kind === 'turn' ? (entry.diagnosis ?? []) : []))
  const subjects = entries.flatMap((entry) => (entry.kind === 'scoped' ? entry.subjects : []))
  const citations = concluded.flatMap((diagnosis) => [...diagnosis.for, ...diagnosis.against])
  return {
    cited: new Set([...checks.flatMap((check) => check.evidence ?? []), ...citations.map(({ evidence }) => evidence)]),
    subjects: new Set(subjects),
  }
}

function cut(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text
}
