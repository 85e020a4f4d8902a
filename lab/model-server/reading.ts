// What a persona reads out of a request: the pieces of evidence that it was told of, what it asked already, what it may
// call.
import type { Json } from '../../domain/canonical-json.ts'
import type { Tool } from '../../domain/model.ts'
import type { Called, Heard, Said } from './heard.ts'

/** One piece of evidence: the line that begins with its label, `e1.3 probe name: …`, and the indented lines below. */
export type Section = {
  readonly label: string
  readonly probe: string
  /** What was looked at; empty where the probe looks at the host. */
  readonly subject: string
  readonly text: string
}

const evidence = /^[ \t-]*(e\d{1,5}\.\d{1,5})[ :]+([a-z][a-z-]*)(?: ([^\s:=]+))?.*(?:\n[ \t]+\S.*)*/gm

/** All that it was told, in order: never what it said itself, nor its instructions. */
export function toldText({ question }: Heard): string {
  return question.messages
    .flatMap((one) => {
      if (one.role === 'user') return [one.text]
      return one.role === 'results' ? one.results.map(({ text }) => text) : []
    })
    .join('\n')
}

export function sectionsOf(heard: Heard): readonly Section[] {
  return [...toldText(heard).matchAll(evidence)].map(([text, label = '', probe = '', subject = '']) => {
    return { label, probe, subject, text }
  })
}

/** Everything that it called in this conversation, as `name input`. */
export function calledBefore({ question }: Heard): ReadonlySet<string> {
  const calls = question.messages.flatMap((one) => (one.role === 'assistant' ? one.calls : []))
  return new Set(calls.map(({ name, input }) => callText(name, typeof input === 'string' ? input : stable(input))))
}

export const callText = (name: string, input: string): string => `${name} ${input}`

export const toolNamed = ({ question }: Heard, name: string): Tool | undefined =>
  question.tools.find((one) => one.name === name)

const look = 'look'
const probeLine = /^- ([a-z][a-z-]*)(?: \(([^)\n]*)\))?: (.*)$/gm

/** What it may look at: each probe that `look` tells of, as if it were a tool, and the named queries. */
export function looks({ question }: Heard): readonly Tool[] {
  return question.tools.flatMap((tool) => {
    if (ends.has(tool.name)) return []
    return tool.name === look ? [...tool.description.matchAll(probeLine)].map(probeTool) : [tool]
  })
}

/** Names of tools that end it. */
export const ends: ReadonlySet<string> = new Set(['propose_remediation', 'propose_code_fix', 'escalate'])

function probeTool([, name = '', said = '', description = '']: RegExpExecArray): Tool {
  const params = said === '' ? [] : said.split(', ')
  const properties = Object.fromEntries(params.map(paramOf))
  const required = ['host', ...Object.keys(properties)]
  return { name, description, input: { properties: { host: { type: 'string' }, ...properties }, required } }
}

/** `unit`, `lines: 1 to 200`, `kind: a|b`. */
function paramOf(said: string): [string, Json] {
  const [name = '', values = ''] = said.split(': ')
  const least = /^(-?\d+) to /.exec(values)?.[1]
  if (least !== undefined) return [name, { type: 'integer', minimum: Number(least) }]
  return [name, values === '' ? { type: 'string' } : { enum: values.split('|') }]
}

/** The call that looks so. */
export function lookAt(tool: Tool, heard: Heard, change: Readonly<Record<string, Json>> = {}): Called {
  const input = { ...inputFor(tool, heard), ...change }
  return toolNamed(heard, tool.name) === undefined ? call(look, { probe: tool.name, ...input }) : call(tool.name, input)
}

export function call(name: string, input: Json): Called {
  return { name, input: stable(input) }
}

export function answer(text: string, calls: readonly Called[]): Said {
  return { kind: 'answer', text, calls, stop: calls.length === 0 ? 'done' : 'tools' }
}

const stable = (value: Json): string => JSON.stringify(value)

type Shape = { readonly [key: string]: Json }

const isShape = (value: Json | undefined): value is Shape =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The values that a tool takes for one of its properties; empty where it names none. */
export function choicesOf(tool: Tool, property: string): readonly string[] {
  const properties = isShape(tool.input) ? tool.input['properties'] : undefined
  const shape = isShape(properties) ? properties[property] : undefined
  if (!isShape(shape)) return []
  const listed = shape['enum'] ?? (shape['const'] === undefined ? [] : [shape['const']])
  return Array.isArray(listed) ? listed.flatMap((one) => (typeof one === 'string' ? [one] : [])) : []
}

/** What a tool must be given: from what it names, else from what was told. */
export function inputFor(tool: Tool, heard: Heard): Shape {
  const shape = isShape(tool.input) ? tool.input : {}
  const properties = isShape(shape['properties']) ? shape['properties'] : {}
  const required = Array.isArray(shape['required']) ? shape['required'] : []
  const told = toldText(heard)
  const pairs = Object.keys(properties).flatMap((name): [string, Json][] => {
    if (!required.includes(name)) return []
    const property = properties[name]
    const choices = choicesOf(tool, name)
    const chosen = choices.find((one) => told.includes(one)) ?? choices[0]
    if (chosen !== undefined) return [[name, chosen]]
    const isNumber = isShape(property) && (property['type'] === 'integer' || property['type'] === 'number')
    const least = isShape(property) ? property['minimum'] : undefined
    if (isNumber) return [[name, typeof least === 'number' ? Math.max(least, usualNumber) : usualNumber]]
    return [[name, valueFor(name, told)]]
  })
  return Object.fromEntries(pairs)
}

const usualNumber = 15

/** How things of an inventory are told of; the alert's own first. */
const shapes: Readonly<Record<string, RegExp>> = {
  // A line of ours: what strangers wrote before it may name another one.
  host: /^host ([\w.-]+), role\b/m,
  unit: /\babout: (?:.* )?unit ([\w@.-]+)|\b([a-z][\w@-]*\.service)\b/,
  mount: /\babout: (?:.* )?mount ([\w.-]+)|\bmounts: ([\w.-]+) =/,
  endpoint: /\babout: (?:.* )?endpoint ([\w.-]+)|\bendpoints: ([\w.-]+) =/,
}

/** The first thing of this kind that was told of; empty: none. */
export function valueFor(kind: string, told: string): string {
  const [, first, second] = shapes[kind]?.exec(told) ?? []
  return first ?? second ?? ''
}

/** The host that a conversation is about; empty: it was not told. */
export function hostOf(heard: Heard): string {
  return valueFor('host', toldText(heard))
}
