// Prometheus' HTTP API, as far as it is needed: rules, and a query at one moment. Every answer is bounded and checked.
import { z } from 'zod'
import { getBounded } from '../../../runtime/get-bounded.ts'

const Labels = z.record(z.string(), z.string())

const Rule = z.object({
  type: z.string(),
  name: z.string(),
  query: z.string(),
  health: z.string(),
  labels: Labels.default({}),
  lastEvaluation: z.string(),
  /** Seconds. */
  keepFiringFor: z.number().nonnegative().default(0),
  alerts: z.array(z.object({ labels: Labels, state: z.string() })).default([]),
})

const Rules = z.object({
  status: z.literal('success'),
  data: z.object({
    groups: z.array(
      z.object({ interval: z.number().positive(), rules: z.array(z.object({ name: z.string() }).loose()) }),
    ),
  }),
})

const Vector = z.object({
  status: z.literal('success'),
  data: z.object({
    resultType: z.literal('vector'),
    result: z.array(z.object({ metric: Labels, value: z.tuple([z.number(), z.string()]) })),
  }),
})

const Matrix = z.object({
  status: z.literal('success'),
  data: z.object({
    resultType: z.literal('matrix'),
    result: z.array(z.object({ metric: Labels, values: z.array(z.tuple([z.number(), z.string()])) })),
  }),
})

export type AlertingRule = Omit<z.infer<typeof Rule>, 'type' | 'lastEvaluation'> & {
  readonly intervalMilliseconds: number
  /** Milliseconds of Prometheus' clock. */
  readonly lastEvaluation: number
}

export type Series = { readonly labels: Readonly<Record<string, string>>; readonly value: number }

export type Prometheus = {
  /** Every alerting rule of that name, and how far Prometheus' clock is ahead of ours. */
  readonly rulesNamed: (
    name: string,
  ) => Promise<{ readonly rules: readonly AlertingRule[]; readonly aheadMilliseconds: number }>
  /** The query's answer at one moment of Prometheus' clock, milliseconds; null: now. */
  readonly query: (query: string, at: number | null) => Promise<readonly Series[]>
  /** The query's answers between two moments of Prometheus' clock, milliseconds. */
  readonly queryRange: (query: string, range: Range) => Promise<readonly SeriesOverTime[]>
}

type Range = { readonly from: number; readonly to: number; readonly step: number }

export type SeriesOverTime = {
  readonly labels: Readonly<Record<string, string>>
  readonly points: readonly (readonly [number, number])[]
}

/** Rules of a large Prometheus are a few MiB of JSON. */
const largestAnswer = 16 * 1024 * 1024

type Access = { readonly authorization: string | null; readonly ca: string | null }

export type Place = { readonly url: string; readonly access: Access }

export function prometheusAt(place: Place, signal: AbortSignal): Prometheus {
  const ask = (path: string, parameters: Readonly<Record<string, string>>) => askFor(place, path, parameters, signal)
  return {
    rulesNamed: async (name) => {
      const { body, date } = await ask('/api/v1/rules', { type: 'alert', 'rule_name[]': name })
      const rules = Rules.parse(body).data.groups.flatMap((group) =>
        group.rules.filter((rule) => rule.name === name).map((rule) => alertingRule(rule, group.interval)),
      )
      return { rules: rules.flatMap((rule) => rule ?? []), aheadMilliseconds: aheadOf(date) }
    },
    query: async (query, at) => {
      const moment = at === null ? {} : { time: String(at / 1_000) }
      const { body } = await ask('/api/v1/query', { query, timeout: '4s', ...moment })
      return Vector.parse(body).data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
    },
    queryRange: async (query, { from, to, step }) => {
      const range = { start: String(from / 1_000), end: String(to / 1_000), step: String(step / 1_000) }
      const { body } = await ask('/api/v1/query_range', { query, timeout: '4s', ...range })
      return Matrix.parse(body).data.result.map(({ metric, values }) => ({
        labels: metric,
        points: values.map(([at, value]) => [at * 1_000, Number(value)] as const),
      }))
    },
  }
}

function alertingRule(rule: unknown, interval: number): AlertingRule | null {
  const { type, lastEvaluation, ...rest } = Rule.parse(rule)
  if (type !== 'alerting') return null
  return { ...rest, intervalMilliseconds: interval * 1_000, lastEvaluation: Date.parse(lastEvaluation) }
}

/** The header has whole seconds, so less than two of them are no difference. */
function aheadOf(date: string | null): number {
  const ahead = date === null ? 0 : Date.parse(date) - Date.now()
  return Number.isNaN(ahead) || Math.abs(ahead) < 2_000 ? 0 : ahead
}

async function askFor(
  { url, access }: Place,
  path: string,
  parameters: Readonly<Record<string, string>>,
  signal: AbortSignal,
) {
  const address = new URL(`${url.replace(/\/+$/, '')}${path}`)
  address.search = new URLSearchParams(parameters).toString()
  const { text, date } = await getBounded(address, { ...access, who: 'Prometheus', largestAnswer, signal })
  const body: unknown = JSON.parse(text)
  return { body, date }
}
