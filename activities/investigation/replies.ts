// What a model is told in the turn after one that asked: an answer for each call, and how far it may still go.
import type { Message, ToolCall } from '../../domain/model.ts'
import { count } from '../../domain/text.ts'

type Replies = {
  /** By the call's place; a call without one has no answer, and is told so. */
  readonly texts: readonly string[]
  /** Said beside them, or alone where nothing was called; empty: nothing. */
  readonly note: string
  /** Exchanges after the one that is answered. */
  readonly left: number
}

/** Providers want an answer for every call, and nothing else in the same message. */
export function repliesTo({ calls }: { readonly calls: readonly ToolCall[] }, { texts, note, left }: Replies): Message {
  const end = [note, leftSays(left)].filter((part) => part !== '').join(' ')
  if (calls.length === 0) return { role: 'user', text: end }
  const last = calls.length - 1
  const results = calls.map(({ id }, at) => {
    const text = texts[at] ?? 'Not asked.'
    return { call: id, text: at === last ? `${text}\n\n${end}` : text }
  })
  return { role: 'results', results }
}

function leftSays(left: number): string {
  if (left <= 1) return 'This is your last exchange: conclude now.'
  return `${count(left, 'exchange')} left.`
}
