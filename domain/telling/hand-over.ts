// The hand-over pack: what is known, tried, ruled out, not seen and why, and what to type next. As data and as
// Markdown.
import { factsSay, focusOf, telling } from './seen.ts'
import type { Citation } from '../diagnosis.ts'
import { requestSays } from '../evidence.ts'
import { because } from './story.ts'
import { lastOf, type Moment } from './summary.ts'
import type { Check } from '../timeline.ts'
import type { AlertView, EvidenceView, HandOver, IncidentRow, Listed, RunView } from './view.ts'
import { count } from '../text.ts'
import { handOverReasons, leftSays } from './words.ts'
import type { NextCommand } from './next-commands.ts'

type Parts = {
  readonly incident: IncidentRow
  readonly at: string
  readonly moments: readonly Moment[]
  /** The inventory's id of what it is about. */
  readonly target: string | null
  readonly alerts: Listed<AlertView>
  /** The newest answer for each host and request. */
  readonly evidence: Listed<EvidenceView>
  readonly runs: Listed<RunView>
  readonly commands: readonly NextCommand[]
  readonly quarantined: HandOver['quarantined']
  readonly looking: HandOver['looking']
}

/** Puts the pack together from what was recorded; nothing is guessed. */
export function handOverPack(parts: Parts): HandOver {
  const { incident, at, moments, target, alerts, evidence, runs, commands, quarantined, looking } = parts
  const [own, elsewhere] = [
    evidence.listed.filter(({ host }) => host === target),
    evidence.listed.filter(({ host }) => host !== target),
  ]
  const focus = focusOf(moments.map(({ entry }) => entry))
  const newest = [...telling(own, focus), ...telling(elsewhere, focus)]
  const about: About = { target, lastRun: runs.listed.findLast(({ startedAt }) => startedAt !== null) ?? null }
  return {
    incident,
    at,
    why: why(incident, moments),
    quarantined,
    looking,
    alerts: alerts.listed,
    known: [...knownFromChecks(moments), ...concluded(moments), ...newest.flatMap((one) => seenFact(one, about))],
    tried: runs.listed.map((run) => tried(run, moments)),
    ruledOut: ruledOut(moments),
    notSeen: [...gaps(moments), ...newest.flatMap((one) => notSeen(one, about))],
    commands,
    evidence: newest,
    left: {
      alerts: alerts.left,
      answers: evidence.left,
      runs: runs.left,
    },
  }
}

function why(incident: IncidentRow, moments: readonly Moment[]): string {
  const said = lastOf(moments, 'handed-over')?.entry
  if (said === undefined) return incident.state === 'closed' ? 'It is closed.' : 'It has not been handed over.'
  const reason = handOverReasons[said.reason]
  return said.says === '' || said.says === reason ? reason : `${reason} ${said.says}`
}

function knownFromChecks(moments: readonly Moment[]): HandOver['known'] {
  const recognised = lastOf(moments, 'recognised')?.entry
  if (recognised === undefined) return []
  const holding = recognised.checks.filter((check: Check) => check.answer === 'holds')
  return [{ says: `${recognised.says} (${count(holding.length, 'check')} agree)`, evidence: null }]
}

/** What a model made of it: a hypothesis, and what speaks for and against it. Nothing of it is measured. */
function concluded(moments: readonly Moment[]): HandOver['known'] {
  const turn = lastOf(moments, 'turn')?.entry
  const diagnosis = turn?.diagnosis ?? null
  if (turn === undefined || diagnosis === null) return []
  const { hypothesis, confidence, for: pro, against } = diagnosis
  const cited = (word: string, { label, evidence, quote }: Citation) => {
    return { says: `${word} ${label}${quote === null ? '' : `: “${quote}”`}`, evidence }
  }
  return [
    { says: `${turn.model} takes for ${confidence}: ${hypothesis}`, evidence: null },
    ...pro.map((one) => cited('For it:', one)),
    ...against.map((one) => cited('Against it:', one)),
  ]
}

/** What a model would have had to see, and why it could not. */
function gaps(moments: readonly Moment[]): HandOver['notSeen'] {
  return lastOf(moments, 'turn')?.entry.diagnosis?.gaps ?? []
}

type About = { readonly target: string | null; readonly lastRun: RunView | null }

function seenFact(one: EvidenceView, about: About): HandOver['known'] {
  if (one.seen.status !== 'ok') return []
  return [{ says: `${asked(one, about)}: ${factsSay(one.seen.facts)}`, evidence: one.id }]
}

function notSeen(one: EvidenceView, about: About): HandOver['notSeen'] {
  return one.seen.status === 'ok' ? [] : [{ what: asked(one, about), why: one.seen.says }]
}

/** Whoever reads it takes a fact for one of the target as it is now: where it is not, that is said. */
function asked({ request, host, takenAt }: EvidenceView, { target, lastRun }: About): string {
  const elsewhere = host === target ? '' : ` on ${host}`
  const before = lastRun?.host === host && takenAt < (lastRun.startedAt ?? '') ? ', before the last run' : ''
  return `${requestSays(request)}${elsewhere}${before}`
}

function tried(run: RunView, moments: readonly Moment[]): HandOver['tried'][number] {
  const words = run.outcome === null ? run.state : outcomeWords(run.outcome)
  return {
    says: `${run.playbook} on ${run.host}: ${words}${verification(run, moments)}`,
    at: run.startedAt ?? '',
    run: run.id,
  }
}

function outcomeWords(outcome: NonNullable<RunView['outcome']>): string {
  switch (outcome.kind) {
    case 'succeeded':
      return `ran, ${count(outcome.tasks, 'task')}, ${count(outcome.changed, 'change')}`
    case 'failed':
      return `failed${outcome.task === null ? '' : ` in “${outcome.task}”`} after ${count(outcome.changed, 'change')}: ${outcome.says}`
    case 'unknown':
      return `outcome unknown: ${outcome.says}`
    case 'refused':
      return `nothing started: ${outcome.says}`
  }
}

/** What was measured after it and before the next run. */
function verification(run: RunView, moments: readonly Moment[]): string {
  const ended = moments.findIndex(({ entry }) => entry.kind === 'run-ended' && entry.run === run.id)
  if (ended === -1) return ''
  const after = moments.slice(ended + 1)
  const next = after.findIndex(({ entry }) => entry.kind === 'run-requested')
  const own = next === -1 ? after : after.slice(0, next)
  if (lastOf(own, 'verified') !== null) return '; verified'
  return lastOf(own, 'not-recovered') === null ? '' : '; the fault was still there afterwards'
}

function ruledOut(moments: readonly Moment[]): HandOver['ruledOut'] {
  const last = moments.findLast(({ entry }) => entry.kind === 'recognised' || entry.kind === 'not-recognised')?.entry
  if (last?.kind !== 'recognised' && last?.kind !== 'not-recognised') return []
  return last.not.map((one) => ({ playbook: one.playbook, signature: one.signature, because: because(one) }))
}

/** The pack as Markdown. Text from outside is escaped: it can't open a heading, a link or a code block. */
export function handOverMarkdown(pack: HandOver): string {
  const { incident } = pack
  const parts = [
    `# INC-${incident.number}: ${escaped(incident.title)}`,
    `**${escaped(incident.badge.word)}** · opened ${incident.openedAt} · ${escaped(incident.environment)}`,
    escaped(pack.why),
    ...(pack.quarantined === null ? [] : [escaped(quarantineSays(pack.quarantined))]),
    ...leftLine(pack),
    section('Alerts', pack.alerts.map(alertLine)),
    section(
      'Known',
      pack.known.map(
        (one) => `${escaped(one.says)}${one.evidence === null ? '' : ` \`${one.evidence.slice(0, 12)}\``}`,
      ),
    ),
    section(
      'Tried',
      pack.tried.map((one) => `${escaped(one.says)}${one.at === '' ? '' : ` (${one.at})`}`),
      'Nothing was changed.',
    ),
    section(
      'Ruled out',
      pack.ruledOut.map((one) => `${fenced(one.playbook)} ${escaped(one.signature)}: ${escaped(one.because)}`),
    ),
    section(
      'Not seen, and why',
      pack.notSeen.map((one) => `${escaped(one.what)}: ${escaped(one.why)}`),
      'Nothing that was asked for is missing.',
    ),
    `## Next\n\n${pack.commands.map((one) => `${escaped(one.says)}:\n\n    ${oneLine(one.command)}\n`).join('\n')}`,
    `Written ${pack.at}.`,
  ]
  return `${parts.join('\n\n')}\n`
}

function leftLine({ left }: HandOver): readonly string[] {
  const says = leftSays(left)
  return says === '' ? [] : [says]
}

/** What stands before everything else where a host is not to be touched. */
export function quarantineSays({ by, because }: NonNullable<HandOver['quarantined']>): string {
  return `Its host is in quarantine, by ${by}: nothing changes there until a person releases it. ${because}`
}

function section(title: string, lines: readonly string[], empty = 'Nothing.'): string {
  return `## ${title}\n\n${lines.length === 0 ? empty : lines.map((line) => `- ${line}`).join('\n')}`
}

function alertLine(alert: AlertView): string {
  const { summary } = alert.annotations
  const said = summary === undefined ? '' : `: ${escaped(summary)}`
  const since =
    alert.status === 'resolved' && alert.endsAt !== null
      ? `resolved at ${alert.endsAt}`
      : `firing since ${alert.startsAt}`
  return `${escaped(alert.name)}, ${since}${said}`
}

function fenced(text: string): string {
  return `\`${oneLine(text).replaceAll('`', "'")}\``
}

/** Addresses and names become links and calls by themselves on some pages: what makes them such is escaped, too. */
function escaped(text: string): string {
  return oneLine(text).replaceAll(/[\\`*_{}[\]<>#|!~@&]|:(?=\/\/)|(?<=\bwww)\./gi, (character) => `\\${character}`)
}

/** Control and direction characters would let text pose as something else. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
}
