// The evidence pack: the first message of an investigation, composed by code out of what was measured. Pure.
import type { Alert } from '../../domain/alert.ts'
import { requestSays } from '../../domain/evidence.ts'
import { declaredKinds, type InventoryHost, namesAbout } from '../../domain/inventory.ts'
import type { Playbook } from '../../domain/playbook.ts'
import type { NotThis } from '../../domain/timeline.ts'
import type { ProfileConfig } from '../../runtime/config.ts'
import type { Similar } from '../../store/similar.ts'
import type { Looked } from '../baseline.ts'
import { factsText, holdsTrouble, type Labelled, linesText, maximumLines, shortText } from './evidence-text.ts'
import { applicable, notLines, playbookLine, playbookShort, similarLines } from './known.ts'
import { limits } from '../reader/facts.ts'
import { answers } from './questions.ts'
import { fitSections, type Section } from './sections.ts'
import { weightOf } from './signs.ts'

const maximumAlerts = 4
/** Raw text that a reader is given first: so many blocks at most, of so many bytes together. */
const maximumBlocks = 6
const readerBytes = 10_000
/** What a block takes of the planner's room beside its facts: its fence, and what was dropped of them. */
const blockBytes = 250
const maximumAnnotation = 400
/** Beside the weights of `signs.ts`: what a subject says, and trouble that anybody else tells of. */
const [saysItself, saysTrouble] = [8, 7]
/** State, ports and limits of what the alert is about, or what takes its space: told before what is only strange. */
const isAboutIt = 5

export type PackInput = {
  /** Without secrets. */
  readonly alerts: readonly Pick<Alert, 'labels' | 'annotations' | 'startsAt'>[]
  readonly alertsLeft: number
  readonly looked: Looked
  readonly evidence: readonly Labelled[]
  readonly not: readonly NotThis[]
  readonly unseen: readonly string[]
  readonly similar: readonly Similar[]
  readonly playbooks: readonly Playbook[]
  readonly tried: readonly string[]
  readonly profile: ProfileConfig
  /** That may be looked at; the target is the first. */
  readonly readable: readonly InventoryHost[]
  readonly turns: number
  /** Lines of logs go to a reader first. */
  readonly reader: boolean
  /** ISO 8601. */
  readonly now: string
  /** Bytes as it is sent to the planner. */
  readonly maximumBytes: number
  /** Puts a fence round text of strangers. `unread`: raw text, in whose place the reader's facts will stand. */
  readonly fence: (title: string, text: string, kind?: 'unread') => string
}

export function composePack(input: PackInput): string {
  const { looked, evidence, reader } = input
  const names = new Set(declaredKinds.flatMap((kind) => namesAbout(kind, looked)))
  const isSubject = ({ evidence: { request } }: Labelled): boolean =>
    names.size === 0
      ? Object.keys(request.params).length === 0
      : Object.values(request.params).some((value) => names.has(String(value)))
  // What a subject says itself is read whatever its facts tell: not every program marks its errors as such.
  const weight = (one: Labelled): number =>
    Math.max(
      weightOf(one.evidence),
      isSubject(one) && linesText(one, 1).length > 0 ? saysItself : holdsTrouble(one) ? saysTrouble : 0,
      isSubject(one) ? isAboutIt : 0,
    )
  const rank = (one: Labelled): number => weight(one) * 2 + (isSubject(one) ? 1 : 0)
  const ranked = evidence.toSorted((a, b) => rank(b) - rank(a))
  const most = maximumLines[reader ? 'reader' : 'planner']
  const lines = (one: Labelled): readonly string[] => linesText(one, most[isSubject(one) ? 'subject' : 'other'])
  const shown = (one: Labelled): string => [factsText(one), ...(reader ? [] : lines(one))].join('\n')
  const isWrong = (one: Labelled): boolean => weight(one) > 0
  const wrong = ranked.filter(isWrong).map(shown)
  const well = ranked.filter((one) => !isWrong(one)).map(shortText)
  const [wrongs, ...others] = measured(input, wrong, well)
  const [open, ...house] = rest(input)
  const sections = [...first(input), wrongs, open, ...others, ...house].flatMap((section) => section ?? [])
  const raw = reader ? ranked.map((one) => unreadSection(one, lines(one), input.fence)) : []
  const waiting = raw.filter((section) => section.lines.length > 0).slice(0, maximumBlocks)
  // In the place of raw text stand facts of a bounded length, so it takes nothing else of the planner's room.
  const factsBytes = waiting.length === 0 ? 0 : limits.shown + waiting.length * blockBytes
  const forPlanner = fitSections(sections, input.maximumBytes - factsBytes)
  return [forPlanner, fitSections(waiting, readerBytes)].filter((part) => part !== '').join('\n\n')
}

/** Cut before it is fenced: a fence without its end would wait for nobody. */
function unreadSection(one: Labelled, lines: readonly string[], fence: PackInput['fence']): Section {
  const title = `${one.label} ${requestSays(one.evidence.request)}`
  return { title, lines, share: 0.6, wrap: (label, text) => fence(label, text, 'unread') }
}

function first({ alerts, alertsLeft, looked, now, fence }: PackInput): readonly Section[] {
  const lines = alerts.slice(0, maximumAlerts).map(alertLine)
  const left = alertsLeft + alerts.length - Math.min(alerts.length, maximumAlerts)
  return [
    {
      title: `Alert (it is ${now} now)`,
      lines: left > 0 ? [...lines, `(${left} more alerts)`] : lines,
      share: 0.35,
      needed: true,
      wrap: fence,
    },
    { title: 'Target', lines: targetLines(looked), share: 0.2, needed: true },
  ]
}

function alertLine({ labels, annotations, startsAt }: PackInput['alerts'][number]): string {
  const labelled = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(short(value))}`)
  const described = Object.entries(annotations).map(([name, value]) => `annotation ${name}: ${short(value)}`)
  return [`labels: ${labelled.join(' ')}`, ...described, `firing since ${startsAt}`].join('\n')
}

function short(value: string): string {
  return value.length > maximumAnnotation ? `${value.slice(0, maximumAnnotation)}…` : value
}

function targetLines({ host, subjects }: Looked): readonly string[] {
  const units = host.units.map(({ name, ports }) => (ports.length === 0 ? name : `${name} (ports ${ports.join(', ')})`))
  const endpoints = host.endpoints.map(({ id, url, unit }) => `${id} = ${url}${unit === null ? '' : ` of ${unit}`}`)
  const mounts = host.mounts.map(({ id, path }) => `${id} = ${path}`)
  return [
    `host ${host.id}, role ${host.role}, environment ${host.environment}, team ${host.team}`,
    `the alert is about: ${subjects.map(({ kind, name }) => `${kind} ${name}`).join(', ') || 'the host as a whole'}`,
    ...named('units', units),
    ...named('endpoints', endpoints),
    ...named('mounts', mounts),
  ]
}

function named(what: string, names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [`${what}: ${names.join('; ')}`]
}

function measured(input: PackInput, wrong: readonly string[], well: readonly string[]): readonly Section[] {
  return [
    {
      title: 'Measured on the target: what looks wrong, the most telling first; then what the alert is about',
      lines: wrong,
      share: 0.75,
      wrap: input.fence,
    },
    {
      title: 'First questions',
      lines: answers(input.evidence, input.looked),
      short: answers(input.evidence, input.looked, 1),
      share: 0.3,
      needed: true,
      wrap: input.fence,
    },
    { title: 'Known faults that it is not', lines: notLines(input.not), share: 0.3, wrap: input.fence },
    { title: 'Not seen', lines: input.unseen.map((one) => `- ${one}`), share: 0.1, wrap: input.fence },
    { title: 'Measured, and looks well', lines: well, share: 0.35, wrap: input.fence },
  ]
}

function rest({ similar, playbooks, looked, tried, profile, readable, turns, fence }: PackInput): readonly Section[] {
  const open = applicable(playbooks, looked).filter(({ id }) => !tried.includes(id))
  const query = (kind: 'metrics' | 'logs') =>
    Object.entries(profile[kind]).map(([name, { says }]) => `- ${kind} ${name}: ${says}`)
  return [
    {
      title: 'Playbooks',
      lines: open.map((one) => playbookLine(one, looked)),
      short: open.map((one) => playbookShort(one, looked)),
      share: 0.4,
      needed: true,
    },
    { title: 'Incidents like this one', lines: similarLines(similar), share: 0.15, needed: true, wrap: fence },
    { title: 'About this house', lines: profile.facts.map((fact) => `- ${fact}`), share: 0.5 },
    { title: 'Queries', lines: [...query('metrics'), ...query('logs')], share: 0.5 },
    {
      title: 'Hosts that you may look at',
      lines: readable.map((host, at) => hostLine(host, at, looked.host)),
      share: 0.5,
      needed: true,
    },
    {
      title: 'Limits',
      lines: [
        `You have ${turns} turns, the last one included in which you end.`,
        ...(tried.length === 0 ? [] : [`Tried already, never again: ${tried.join(', ')}.`]),
      ],
      share: 1,
      needed: true,
    },
  ]
}

function hostLine({ id, role, units }: InventoryHost, at: number, target: InventoryHost): string {
  const what =
    at === 0 ? 'the target' : target.dependsOn.includes(id) ? 'the target depends on it' : 'a healthy one of its kind'
  return `- ${id} (${what}; role ${role}${at === 0 ? '' : `; units ${units.map(({ name }) => name).join(', ') || 'none'}`})`
}
