// Asks stores of metrics and logs by the config's own queries. What they answer is evidence like a host's; who asks
// names a query and never writes one.
import { canonicalJson, type Json } from '../domain/canonical-json.ts'
import type { Evidence, ProbeOutcome, ProbeRequest } from '../domain/evidence.ts'
import type { InventoryHost } from '../domain/inventory.ts'
import type { LogLine, LogQuestion } from '../integrations/log-store.ts'
import type { MetricQuestion, MetricSeries } from '../integrations/metrics.ts'
import type { ProfileConfig } from '../runtime/config.ts'
import { digestOf } from '../runtime/digest.ts'
import { redactJson, redactText, redactTexts } from '../runtime/redaction.ts'
import { type Looked, subjectUnits } from './baseline.ts'

export type StoreQuestion = {
  readonly kind: 'metrics' | 'logs'
  /** A name of the profile. */
  readonly query: string
  /** Only lines in which this stands once their secrets are out; for logs. */
  readonly contains: string | null
  readonly minutes: number
}

/** Evidence for each question, in their order, about this host. Never throws: failures are outcomes. */
export type AskStores = (
  questions: readonly StoreQuestion[],
  looked: Looked,
  signal?: AbortSignal,
) => Promise<readonly Evidence[]>

export type AskStoresDeps = {
  readonly profile: Pick<ProfileConfig, 'metrics' | 'logs'>
  /** Null: no store is configured. Throws. */
  readonly metrics: ((question: MetricQuestion, signal: AbortSignal) => Promise<readonly MetricSeries[]>) | null
  /** Null: no store is configured. Throws. */
  readonly logs: ((question: LogQuestion, signal: AbortSignal) => Promise<readonly LogLine[]>) | null
  readonly now: () => Date
}

const limits = { milliseconds: 6_000, series: 10, lines: 60, lineCharacters: 500, labelCharacters: 200 } as const
/** Lines that are looked through for a part of them. */
const searched = 1_000
const minute = 60_000
/** What is counted as an error, where a model is told how many of the lines are some. */
const tellsOfError = /error|fail|fatal|panic|exception|denied|refused|timed? ?out/i

export function createAskStores(deps: AskStoresDeps): AskStores {
  return (questions, looked, signal) =>
    Promise.all(
      questions.map(async (question) => {
        const bounded = AbortSignal.any([
          AbortSignal.timeout(limits.milliseconds),
          ...(signal === undefined ? [] : [signal]),
        ])
        const filled = filledIn(deps, question, looked)
        return evidenceOf(deps, question, filled, await outcomeOf(deps, question, filled, bounded))
      }),
    )
}

function evidenceOf(
  { now }: AskStoresDeps,
  { kind, query, contains, minutes }: StoreQuestion,
  { unit }: Filled,
  outcome: ProbeOutcome,
) {
  const request: ProbeRequest = {
    probe: kind,
    params: { query, minutes, ...(contains === null ? {} : { contains }), ...(unit === null ? {} : { unit }) },
  }
  const takenAt = now().toISOString()
  const safe = redactTexts({ request, outcome })
  const id: string = digestOf({ ...safe, takenAt })
  const evidence: Evidence = {
    id,
    ...safe,
    takenAt,
    hostClock: null,
    hostDigest: null,
  }
  return evidence
}

async function outcomeOf(
  deps: AskStoresDeps,
  question: StoreQuestion,
  filled: Filled,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const { query } = filled
  if (query === null) return failed('refused', filled.why)
  try {
    return question.kind === 'metrics'
      ? await metricsOf(deps, question, query, signal)
      : await logsOf(deps, question, query, signal)
  } catch (error) {
    const message = error instanceof Error ? error.message : 'It did not answer.'
    return failed(signal.aborted ? 'timeout' : 'unreachable', cut(message, limits.lineCharacters))
  }
}

/** A query with names of the inventory in it. `unit`: the one that it is about; null: it is about none. */
type Filled =
  | { readonly query: string; readonly unit: string | null }
  | { readonly query: null; readonly unit: null; readonly why: string }

function filledIn({ profile }: AskStoresDeps, { kind, query: name }: StoreQuestion, looked: Looked): Filled {
  const none = { query: null, unit: null } as const
  const named = Object.hasOwn(profile[kind], name) ? profile[kind][name] : undefined
  if (named === undefined) return { ...none, why: 'There is no query of that name.' }
  const { host }: { readonly host: InventoryHost } = looked
  const unit = named.query.includes('$unit') ? unitOf(looked) : null
  if (unit === undefined) return { ...none, why: 'The query asks for a unit, and the alert is not about one.' }
  const values: Readonly<Record<string, string>> = { host: host.name, address: host.address, unit: unit ?? '' }
  const query = named.query.replaceAll(/\$(host|address|unit)\b/g, (_whole, value: string) =>
    escaped(values[value] ?? ''),
  )
  return { query, unit }
}

/** The alert's own, or the only one that there is: an answer about another would be taken for one about this. */
function unitOf(looked: Looked): string | undefined {
  const [only, ...others] = looked.host.units
  return subjectUnits(looked)[0] ?? (others.length === 0 ? only?.name : undefined)
}

/** Inside single, double or no quotes alike; names have neither backslashes nor back quotes. */
function escaped(name: string): string {
  return JSON.stringify(name.replaceAll('`', ''))
    .slice(1, -1)
    .replaceAll("'", String.raw`\'`)
}

async function metricsOf(
  { metrics, now }: AskStoresDeps,
  { minutes }: StoreQuestion,
  query: string,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  if (metrics === null) return failed('refused', 'No metric store is configured.')
  const at = now().getTime()
  const [current, earlier] = await Promise.all([
    metrics({ query, at }, signal),
    metrics({ query, at: at - minutes * minute }, signal),
  ])
  const before = new Map(earlier.map(({ labels, value }) => [canonicalJson(labels), value]))
  const all = current.map(({ labels, value }) => ({ labels, value, before: before.get(canonicalJson(labels)) }))
  const shown = all.toSorted((a, b) => moved(b) - moved(a)).slice(0, limits.series)
  const [only] = all
  const single = all.length === 1 ? only : undefined
  return {
    status: 'ok',
    facts: {
      now: single === undefined ? null : finite(single.value),
      before: single === undefined ? null : finite(single.before),
      series: all.length,
    },
    excerpt: shown
      .map((one) => `${labelsSay(one.labels)} now ${one.value}, before ${one.before ?? 'nothing'}`)
      .join('\n'),
    truncated: all.length > shown.length,
  }
}

type Moved = { readonly value: number; readonly before: number | undefined }

function moved({ value, before }: Moved): number {
  const by = Math.abs(value - (before ?? 0))
  return Number.isFinite(by) ? by : 0
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null
}

/** Without secrets before they are written as JSON: there colours are letters, which nobody takes out of a secret. */
function labelsSay(labels: MetricSeries['labels']): string {
  const json: Json = labels
  return cut(canonicalJson(redactJson(json)), limits.labelCharacters)
}

async function logsOf(
  { logs, now }: AskStoresDeps,
  { minutes, contains }: StoreQuestion,
  query: string,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  if (logs === null) return failed('refused', 'No log store is configured.')
  const to = now()
  const from = new Date(to.getTime() - minutes * minute)
  const limit = contains === null ? limits.lines : searched
  const lines = await logs({ query, from: from.toISOString(), to: to.toISOString(), limit }, signal)
  const told = safeLines(lines).filter((line) => contains === null || line.includes(contains))
  const newest = told.slice(-limits.lines)
  return {
    status: 'ok',
    facts: {
      lines: told.length,
      errors: told.filter((line) => tellsOfError.test(line)).length,
      newest: newest.at(-1)?.split(' ', 1)[0] ?? null,
      // "0 lines" is no answer about what came before.
      ...(contains === null ? {} : { searched: lines.length, since: lines[0]?.at ?? null }),
    },
    excerpt: newest.map((line) => line.slice(0, limits.lineCharacters)).join('\n'),
    truncated: lines.length === limit || told.length > newest.length || told.some(tooLong),
  }
}

/**
 * `at text`, a line each, without secrets. They are taken out of all lines at once, for a key may stand in many.
 * Whoever asks for a part is answered from these, or the count of matches would tell a secret letter by letter.
 */
function safeLines(lines: readonly LogLine[]): readonly string[] {
  const text = lines.map(({ at, text: said }) => `${at} ${said.replaceAll('\n', ' ')}`).join('\n')
  return redactText(text)
    .split('\n')
    .filter((line) => line !== '')
}

function tooLong(line: string): boolean {
  return line.length > limits.lineCharacters
}

/** Half of a secret is none that anybody knows: it is taken out before. */
function cut(text: string, most: number): string {
  return redactText(text).slice(0, most)
}

function failed(reason: 'refused' | 'timeout' | 'unreachable', message: string): ProbeOutcome {
  return { status: 'failed', reason, message }
}
