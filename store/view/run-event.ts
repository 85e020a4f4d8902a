// One event of a run in words. Events come from a host's run: what is not known is shown as it is.
import type { Json } from '../../domain/canonical-json.ts'
import type { Tone } from '../../domain/words.ts'

const longestEvent = 400

/** The event as one line. */
export function sayRunEvent(event: Json): { readonly says: string; readonly tone: Tone } {
  if (typeof event !== 'object' || event === null || isList(event)) return { says: cut(text(event)), tone: 'plain' }
  const kind = field(event, 'status') ?? field(event, 'kind') ?? field(event, 'event') ?? 'event'
  const what = field(event, 'task') ?? field(event, 'name') ?? field(event, 'says') ?? field(event, 'message') ?? ''
  const tone = toneOf(kind, event)
  const word = event['changed'] === true ? 'changed' : kind
  return { says: cut(what === '' ? word : `${word}: ${what}`), tone }
}

function toneOf(kind: string, event: { readonly [key: string]: Json }): Tone {
  if (/fail|unreachable|error|refus/.test(kind)) return 'bad'
  return event['changed'] === true || kind === 'changed' ? 'acting' : 'plain'
}

function field(event: { readonly [key: string]: Json }, key: string): string | undefined {
  const value = event[key]
  return typeof value === 'string' && value !== '' ? value : undefined
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

function text(event: Json): string {
  return typeof event === 'string' ? event : JSON.stringify(event)
}

function cut(line: string): string {
  return line.length > longestEvent ? `${line.slice(0, longestEvent)}…` : line
}
