// What code makes of one answer. It is taken for hijacked: it may ask, propose or give up, and nothing else counts.
import { type Ask, askSays } from '../../domain/ask.ts'
import type { Diagnosis, Dropped, Judged, Proposal } from '../../domain/diagnosis.ts'
import {
  bearOut,
  type BorneOut,
  type Concluded,
  gateProposal,
  type Proposed,
  type GateScope,
  type Gated,
  type Recorded,
  sentence,
} from '../../domain/gate.ts'
import type { Reply, ToolCall } from '../../domain/model.ts'
import { Conclusion, Fields, reasonOf, Remediation } from './answer.ts'
import { asksOf, type Readable } from './looks.ts'
import { endings } from './tools-offered.ts'

export type Answer = Pick<Reply, 'text' | 'calls' | 'stop'>

export type Bench = {
  readonly readable: Readable
  readonly scope: GateScope
  readonly recorded: Recorded
  /** Exchanges after this one. */
  readonly left: number
}

export type Judgement = {
  readonly judged: Judged
  readonly says: string
  readonly dropped: readonly Dropped[]
  readonly diagnosis: Diagnosis | null
  /** What to ask, or why not, for each call. */
  readonly asks: readonly Ask[]
  /** What was wrong with an answer that is judged `again`, for the model; else empty. */
  readonly wrong: string
}

/** Things that are told as dropped. */
const maximumDropped = 20

export function judge(answer: Answer, bench: Bench): Judgement {
  const ended = answer.calls.filter(({ name }) => isEnding(name))
  const [ending] = ended
  if (answer.stop === 'refused') return toPeople(answer, 'The model refuses to look into this.')
  if (ending !== undefined && ended.length === 1) return conclude(answer, ending, bench)
  if (ending !== undefined) return again(answer, bench, 'say one conclusion, not several')
  if (answer.calls.length === 0) return again(answer, bench, 'call a tool: look at something, or conclude')
  return look(answer, bench)
}

function look(answer: Answer, bench: Bench): Judgement {
  const asks = asksOf(answer.calls, bench.readable)
  const dropped = asks.flatMap((ask, at) =>
    ask.kind === 'refused' ? [{ what: nameOf(answer.calls[at]), why: ask.says }] : [],
  )
  const refusedAll = asks.every(({ kind }) => kind === 'refused')
  if (bench.left === 0) return { ...outOfTurns(answer), dropped: few(dropped) }
  const judged: Judged = { kind: refusedAll ? 'again' : 'look' }
  return { judged, says: sentence(answer.text), dropped: few(dropped), diagnosis: null, asks, wrong: '' }
}

function conclude(answer: Answer, call: ToolCall, bench: Bench): Judgement {
  const read = readEnding(call)
  if ('wrong' in read) return again(answer, bench, read.wrong)
  const borne = bearOut(read.concluded, bench.recorded)
  const ended = { ...borne, says: sentence(answer.text) }
  if (call.name === endings.person) return concluded(ended, { kind: 'person' })
  if (!borne.quoted) {
    return again(answer, bench, 'cite evidence of this incident, in words that stand in it', borne.dropped)
  }
  if (read.proposed === null) return concluded(ended, { kind: 'code-fix' })
  const gated = gateProposal(read.proposed, bench.scope)
  if (gated.kind === 'accepted') return concluded(ended, proposalOf(gated))
  const refusal = { what: `playbook ${sentence(read.proposed.playbook)}`, why: gated.why }
  return again(answer, bench, gated.why, [refusal, ...borne.dropped])
}

type Ending = { readonly concluded: Concluded; readonly proposed: Proposed | null } | { readonly wrong: string }

function readEnding({ name, input }: ToolCall): Ending {
  const proposed = name === endings.playbook ? Remediation.safeParse(input) : null
  const parsed = proposed ?? Conclusion.safeParse(input)
  if (!parsed.success) return { wrong: reasonOf(parsed.error) }
  const { ruled_out: ruledOut, ...rest } = parsed.data
  return { concluded: { ...rest, ruledOut }, proposed: proposed?.data ?? null }
}

function proposalOf({ playbook, params }: Extract<Gated, { kind: 'accepted' }>): Proposal {
  return { kind: 'playbook', playbook, params }
}

type Ended = BorneOut & { readonly says: string }

function concluded({ diagnosis, dropped, says }: Ended, proposes: Proposal): Judgement {
  const judged = judgedOf(diagnosis, proposes)
  return { judged, says, dropped: few(dropped), diagnosis: { ...diagnosis, proposes }, asks: [], wrong: '' }
}

function judgedOf(
  { hypothesis, confidence }: Pick<Diagnosis, 'hypothesis' | 'confidence'>,
  proposes: Proposal,
): Judged {
  const says = `${hypothesis.replace(/\.$/, '')} (${confidence}).`
  switch (proposes.kind) {
    case 'playbook':
      return {
        kind: 'remediate',
        playbook: proposes.playbook,
        params: proposes.params,
        says: hypothesis.replace(/\.$/, ''),
      }
    case 'code-fix':
      return {
        kind: 'code-fix',
        says: `It was investigated: ${says} The fault is in code, which Millwright does not mend yet.`,
      }
    case 'person':
      return { kind: 'person', says: `No known fault fits. It was investigated: ${says}` }
  }
}

/** It is told what was wrong, under each of its calls; where no exchange is left, people get it. */
function again(answer: Answer, { left }: Bench, says: string, dropped: readonly Dropped[] = []): Judgement {
  const wrong = dropped.length > 0 ? dropped : [{ what: 'the answer', why: says }]
  if (left === 0) return { ...outOfTurns(answer), dropped: few(wrong) }
  const asks = answer.calls.map(({ id }): Ask => ({ call: id, kind: 'refused', says }))
  return {
    judged: { kind: 'again' },
    says: sentence(answer.text),
    dropped: few(wrong),
    diagnosis: null,
    asks,
    wrong: `${says}.`,
  }
}

function outOfTurns(answer: Answer): Judgement {
  return toPeople(answer, 'The model came to no conclusion that counts within its exchanges.')
}

function toPeople(answer: Answer, says: string): Judgement {
  const judged: Judged = { kind: 'person', says: `No known fault fits. ${says}` }
  return { judged, says: sentence(answer.text), dropped: [], diagnosis: null, asks: [], wrong: '' }
}

/** What it wanted, as people know it: the probe that it asked for. */
function nameOf(call: ToolCall | undefined): string {
  const probe = Fields.safeParse(call?.input).data?.['probe']
  return sentence(typeof probe === 'string' ? probe : (call?.name ?? ''))
}

function isEnding(name: string): boolean {
  return Object.values(endings).some((one) => one === name)
}

function few(dropped: readonly Dropped[]): readonly Dropped[] {
  return dropped.slice(0, maximumDropped)
}

/** For the timeline. */
export function asksSay(asks: readonly Ask[]): readonly string[] {
  return asks.flatMap((ask) => (ask.kind === 'refused' ? [] : [askSays(ask)]))
}
