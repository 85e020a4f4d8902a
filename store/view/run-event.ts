// One event of a run in words. Events come from a host's run: what is not known is shown as it is.
import type { Json } from '../../domain/canonical-json.ts'
import { count } from '../../domain/text.ts'
import { type Tone } from '../../domain/telling/words.ts'

const longestEvent = 400

type Said = { readonly says: string; readonly tone: Tone }
type Fields = { readonly [key: string]: Json }

/** The event as one line. */
export function sayRunEvent(event: Json): Said {
  if (typeof event !== 'object' || event === null || isList(event)) return { says: cut(text(event)), tone: 'plain' }
  const kind = field(event, 'kind') ?? 'event'
  const task = field(event, 'task')
  if (kind === 'ready') return { says: 'Ansible is ready', tone: 'plain' }
  if (kind === 'stats') return sayStatistics(event)
  const detail = field(event, 'says')
  const { word, tone } = wordOf(kind, event)
  const says = task === undefined ? word : `${task}: ${word}`
  return { says: cut(detail === undefined ? says : `${says}: ${detail}`), tone }
}

function wordOf(kind: string, event: Fields): { readonly word: string; readonly tone: Tone } {
  if (kind === 'task') return { word: 'begins', tone: 'plain' }
  if (kind === 'ok' && event['changed'] === true) return { word: 'changed', tone: 'acting' }
  if (kind === 'checked') return { word: 'checked first', tone: 'plain' }
  if (kind === 'ok') return { word: 'already right', tone: 'plain' }
  return { word: kind, tone: /fail|unreachable|error|refus/.test(kind) ? 'bad' : 'plain' }
}

function sayStatistics(event: Fields): Said {
  const failed = field(event, 'failedTask')
  if (failed !== undefined) return { says: cut(`Ended in “${failed}”`), tone: 'bad' }
  const tasks = event['tasks']
  return { says: typeof tasks === 'number' ? `Ended after ${count(tasks, 'task')}` : 'Ended', tone: 'plain' }
}

function field(event: Fields, key: string): string | undefined {
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
