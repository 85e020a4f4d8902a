// What stands in the requests that a model got, read without the product: the fences, and what is outside of them.
import { readAnthropic } from '../model-server/anthropic-request.ts'
import type { Recorded } from '../model-server/record.ts'

export type Told = {
  /** Who has no tools reads. */
  readonly tier: 'planner' | 'reader'
  readonly system: string
  /** Their names, descriptions and schemas. */
  readonly tools: string
  /** What stands in fences, with the kind of each. */
  readonly fenced: readonly { readonly kind: string; readonly text: string }[]
  /** All that it was told beside that, without its own words. */
  readonly bare: string
  /** What about the fences is wrong, one sentence each. */
  readonly broken: readonly string[]
}

const line = /⟦(?:(data|facts|unread) ([a-z0-9]+) \| [^⟦⟧\n]*|end ([a-z0-9]+))⟧/g

/** Null: it was no request to a model. */
export function toldIn({ body, status }: Pick<Recorded, 'body' | 'status'>): Told | null {
  if (status === 404 || status === 413) return null
  const heard = readAnthropic(JSON.parse(body), '')
  if ('says' in heard) return null
  const { system, tools, messages } = heard.question
  const told = messages.flatMap((one) =>
    one.role === 'user' ? [one.text] : one.role === 'results' ? one.results.map(({ text }) => text) : [],
  )
  const parts = told.map(fencesIn)
  return {
    tier: tools.length === 0 ? 'reader' : 'planner',
    system,
    tools: JSON.stringify(tools),
    fenced: parts.flatMap(({ fenced }) => fenced),
    bare: parts.map(({ bare }) => bare).join('\n'),
    broken: parts.flatMap(({ broken }) => broken),
  }
}

function fencesIn(text: string): Pick<Told, 'fenced' | 'bare' | 'broken'> {
  const fenced: { kind: string; text: string }[] = []
  const broken: string[] = []
  let bare = ''
  let from = 0
  let open: { readonly kind: string; readonly boundary: string } | null = null
  for (const found of text.matchAll(line)) {
    const [whole, kind, boundary = '', end] = found
    const before = text.slice(from, found.index)
    from = found.index + whole.length
    if (open === null) bare += before
    else fenced.push({ kind: open.kind, text: before })
    if (kind === undefined && open?.boundary !== end) broken.push(`A fence ends that was not open: ${whole}.`)
    if (kind !== undefined && open !== null) broken.push(`A fence begins inside another one: ${whole}.`)
    open = kind === undefined ? null : { kind, boundary }
  }
  const rest = text.slice(from)
  if (open !== null) broken.push(`A fence has no end: ${open.kind} ${open.boundary}.`)
  if (/[⟦⟧]/.test(rest + bare + fenced.map((one) => one.text).join('')))
    broken.push('A bracket of a fence is no fence.')
  return {
    fenced: open === null ? fenced : [...fenced, { kind: open.kind, text: rest }],
    bare: bare + (open === null ? rest : ''),
    broken,
  }
}

/** The first words of a line are looked for: what follows may have been cut. */
const telling = { least: 24, most: 60 } as const

/**
 * What no request may show, one sentence; null: none does. `lines`: that strangers wrote, as they were recorded;
 * `marks`: letters that stand nowhere but in what they wrote.
 */
export function toldProblem(
  requests: readonly Recorded[],
  lines: readonly string[],
  marks: readonly string[] = [],
): string | null {
  const begins = [...new Set(lines.map((one) => one.trim().slice(0, telling.most)))]
  const foreign = [...begins.filter((one) => one.length >= telling.least), ...marks]
  for (const request of requests) {
    const told = toldIn(request)
    if (told === null) continue
    const problem = problemOf(told, foreign)
    if (problem !== null) return `In request ${request.number} to the ${told.tier}: ${problem}`
  }
  return null
}

function problemOf({ tier, system, tools, fenced, bare, broken }: Told, foreign: readonly string[]): string | null {
  if (tier === 'planner' && fenced.some(({ kind }) => kind === 'unread')) return 'raw text that no reader has read.'
  const [first] = broken
  if (first !== undefined) return first
  for (const [where, text] of [
    ['the system prompt', system],
    ['the tools', tools],
    ['no fence', bare],
  ] as const) {
    const found = foreign.find((one) => text.includes(one))
    if (found !== undefined) return `what a stranger wrote stands in ${where}: ${found}`
  }
  return null
}
