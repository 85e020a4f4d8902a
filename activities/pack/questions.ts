// Five questions that anybody would ask first. Each has an answer out of what was measured, or why not.
import type { FactValue } from '../../domain/evidence.ts'
import { namesAbout } from '../../domain/inventory.ts'
import type { Looked } from '../baseline.ts'
import type { Labelled } from './evidence-text.ts'

/** Which probes tell, and what is missing where none was asked. */
const questions = [
  {
    asks: 'Did the last deployment succeed?',
    probes: ['recent-changes'],
    facts: ['unfinished', 'packages'],
    otherwise: 'nothing that was asked tells of deployments',
  },
  {
    asks: 'State and limits of the service?',
    probes: ['unit-status', 'unit-limits'],
    facts: ['activeState', 'result', 'nRestarts', 'memoryCurrent', 'memoryMax', 'nearest', 'nearestPercent'],
    otherwise: 'no unit was asked about',
  },
  {
    asks: 'Error rate and latency now against an hour ago?',
    probes: ['metrics', 'http-probe'],
    facts: ['now', 'before', 'ok', 'status', 'milliseconds', 'error'],
    otherwise: 'neither a metric query nor an endpoint was asked',
  },
  {
    asks: 'Which certificates or credentials changed lately?',
    probes: ['certificates', 'recent-changes'],
    facts: ['expired', 'secondsLeft', 'changed', 'configs'],
    otherwise: 'no file of a unit was looked at',
  },
  {
    asks: 'Who is affected?',
    probes: ['connections'],
    facts: ['established', 'peers'],
    otherwise: 'no port of a unit was looked at',
  },
] as const

const maximumAnswers = 3
const maximumValue = 100

/** One line each, of `most` answers, with labels of the evidence that bears it out. */
export function answers(all: readonly Labelled[], looked: Looked, most = maximumAnswers): readonly string[] {
  const subjects = new Set([...namesAbout('unit', looked), ...namesAbout('endpoint', looked)])
  const about = ({ evidence }: Labelled): number =>
    Object.values(evidence.request.params).some((value) => subjects.has(String(value))) ? 0 : 1
  return questions.map(({ asks, probes, facts, otherwise }) => {
    const names: readonly string[] = probes
    const found = all.filter(({ evidence }) => names.includes(evidence.request.probe))
    const said = found
      .toSorted((a, b) => about(a) - about(b))
      .slice(0, most)
      .map((one) => answer(one, facts))
    return `- ${asks} ${said.length === 0 ? `Not known: ${otherwise}.` : said.join('; ')}`
  })
}

function answer({ label, evidence: { request, outcome } }: Labelled, facts: readonly string[]): string {
  const what = [label, ...Object.values(request.params).map(String)].join(' ')
  if (outcome.status === 'failed') return `${what} not seen (${outcome.reason})`
  const said = facts.flatMap((name) => {
    const value = outcome.facts[name] ?? null
    return value === null ? [] : [`${name} ${short(value)}`]
  })
  return `${what}: ${said.length === 0 ? 'nothing' : said.join(', ')}`
}

function short(value: FactValue): string {
  const text = Array.isArray(value) ? (value.length === 0 ? 'none' : value.join(', ')) : String(value)
  return text.length > maximumValue ? `${text.slice(0, maximumValue)}…` : text
}
