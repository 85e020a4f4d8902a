// What is made of any model's answer before anybody sees it: only what can be stored, told apart and counted.
import type { Json } from '../domain/canonical-json.ts'
import type { Question, ToolCall, Usage } from '../domain/model.ts'

/** A tool's input nests a few levels; what nests deeper is not read. */
const deepest = 16

/** Few models put more into one token; what is estimated is better too much than too little. */
const bytesPerToken = 3

export type Drafted = {
  /** As the model gave it; empty where it gave none. */
  readonly id: string
  readonly name: string
  /** As it was written. */
  readonly input: string
}

/**
 * The calls of one answer. Ids that are missing, not plain or given before are replaced by some of ours.
 */
export function toldApart(question: Question, drafts: readonly Drafted[]): readonly ToolCall[] {
  const said = question.messages.flatMap((message) => (message.role === 'assistant' ? message.calls : []))
  const used = new Set(said.map(({ id }) => id))
  let place = 0
  const next = () => `call-${question.messages.length}-${place}`
  return drafts.map(({ id, name, input }) => {
    // A model may have given one of ours itself.
    while (used.has(next())) place += 1
    const own = /^[\w-]{1,64}$/.test(id) && !used.has(id) ? id : next()
    used.add(own)
    return { id: own, name: storable(name), input: inputOf(input) }
  })
}

/** What a model wrote as a tool's input: JSON, or the text itself. Nothing at all is a call without parameters. */
export function inputOf(text: string): Json {
  if (text.trim() === '') return {}
  try {
    const value: Json = JSON.parse(text)
    return isSound(value, deepest) ? value : storable(text)
  } catch {
    return storable(text)
  }
}

/** PostgreSQL holds no NUL and no half of a surrogate pair. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD')
}

export function estimatedUsage(sent: string, heard: string): Usage {
  const tokens = (text: string) => Math.ceil(Buffer.byteLength(text) / bytesPerToken)
  return { input: tokens(sent), cacheRead: 0, cacheWrite: 0, output: tokens(heard), estimated: true }
}

function isSound(value: Json, depth: number): boolean {
  if (typeof value === 'string') return value === storable(value)
  // JSON can write numbers that are infinite once they are read.
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return true
  if (depth === 0) return false
  return Object.entries(value).every(([key, item]) => key === storable(key) && isSound(item, depth - 1))
}
