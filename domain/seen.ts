// What probes saw, in words.
import type { Facts, FactValue, ProbeRequest } from './evidence.ts'
import type { EvidenceView } from './view.ts'
import { bytes, count } from './words.ts'

/** Longer lists and texts are cut; the raw answer stands in the evidence. */
const longestList = 8
const longestText = 160

/** `unit-status nginx.service`. */
export function requestSays({ probe, params }: ProbeRequest): string {
  return [probe, ...Object.values(params).map(String)].join(' ')
}

const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/

function momentSays(value: string): string {
  return `${value.slice(0, 19).replace('T', ' ')} UTC`
}

/** A fact's value for people: sizes in bytes with their unit, yes and no, lists cut. What was not seen is `unknown`. */
export function factSays(name: string, value: FactValue): string {
  if (value === null) return 'unknown'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number') return /bytes$/i.test(name) ? bytes(value) : value.toLocaleString('en-GB')
  if (typeof value === 'string') return value === '' ? 'none' : moment.test(value) ? momentSays(value) : cut(value)
  const shown = value.slice(0, longestList).map((item) => cut(String(item)))
  const left = value.length - shown.length
  return shown.length === 0 ? 'none' : `${shown.join(', ')}${left > 0 ? ` and ${count(left, 'more', 'more')}` : ''}`
}

/** All facts of one answer: `state failed, result oom-kill`. */
export function factsSay(facts: Facts): string {
  const said = Object.entries(facts).map(([name, value]) => `${factName(name)} ${factSays(name, value)}`)
  return said.length === 0 ? 'nothing to report' : said.join(', ')
}

/** `startTime` and `start_time` as `start time`. */
export function factName(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])|_/g, (_, a: string = '', b: string = '') => `${a} ${b.toLowerCase()}`)
}

/** One piece of evidence in one line. */
export function evidenceSays({ seen, request }: EvidenceView): string {
  const what = requestSays(request)
  return seen.status === 'ok' ? `${what}: ${factsSay(seen.facts)}` : `${what}: not seen, ${seen.says}`
}

function cut(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text
}
