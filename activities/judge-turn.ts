// Step 8: one answer of a model, judged and written down.
import type { Diagnosis, Dropped, Turn } from '../domain/diagnosis.ts'
import { evidenceText, labelOf } from '../domain/evidence-text.ts'
import { Failure } from '../domain/failure.ts'
import type { Recorded } from '../domain/gate.ts'
import { readableHosts } from '../domain/inventory.ts'
import type { Message } from '../domain/model.ts'
import type { Probes } from '../probes/load.ts'
import type { Config } from '../runtime/config.ts'
import { foldText } from '../runtime/for-model.ts'
import type { Store } from '../store/connect.ts'
import { readEvidence } from '../store/evidence.ts'
import { readAttempts, readTroubled } from '../store/incident.ts'
import {
  type Exchange,
  putMessage,
  putTurn,
  readExchanges,
  readTurn,
  type JudgedTurn,
  type TurnKey,
} from '../store/investigation.ts'
import { readCall, readCosts } from '../store/model-call.ts'
import { asksSay, judge, type Answer, type Bench } from './investigation/judge.ts'
import { repliesTo } from './investigation/replies.ts'
import { factsText, linesText, maximumLines } from './pack/evidence-text.ts'
import { leftUnread } from './reader/facts.ts'
import { createRecord, type RecordDeps } from './record.ts'
import { readWholeRound, type RoundDeps } from './round.ts'
import type { ControlActivities } from './types.ts'

export type JudgeDeps = RoundDeps &
  RecordDeps & {
    readonly probes: Probes
    readonly config: Pick<Config, 'profile'>
  }

/** Throws `input.not-found` where the host stands in the inventory no more, `bug` where nothing was answered. */
export function createJudgeTurn(deps: JudgeDeps): ControlActivities['judgeTurn'] {
  const record = createRecord(deps)
  return async ({ incident, investigation, turn, round, sequence, left }) => {
    const key = { incident, number: investigation, turn }
    const { judged } = (await readTurn(deps.store, key)) ?? (await judgeNow(deps, key, { round, left }))
    await record({ incident, sequence, state: null, entry: { kind: 'turn', ...judged.turn } })
    return judged.judged
  }
}

async function judgeNow(
  deps: JudgeDeps,
  key: TurnKey,
  { round, left }: { readonly round: number; readonly left: number },
): Promise<JudgedTurn> {
  const { store } = deps
  const exchanges = await readExchanges(store, key)
  const exchange = exchanges.find(({ turn }) => turn === key.turn)
  const answer = answerOf(exchange?.answer ?? null)
  const bench = await benchFor(deps, key, { round, left })
  const { model, stop } = await readCall(store, { ...key, tier: 'planner' })
  const { judged, says, dropped: unborne, diagnosis: stated, asks, wrong } = judge({ ...answer, stop }, bench)
  const { cost, warns } = await readCosts(store, key)
  const dropped = exchange !== undefined && wasUnread(exchange) ? [linesUnread, ...unborne] : unborne
  const diagnosis = stated === null ? null : withGap(stated, exchanges.some(wasUnread))
  const said = { says, asks: asksSay(asks), dropped, warns, judged: judged.kind, diagnosis, cost }
  const turn: Turn = { investigation: key.number, turn: key.turn, model, ...said }
  if (judged.kind === 'again') {
    const texts = asks.map((ask) => (ask.kind === 'refused' ? `Refused: ${ask.says}.` : 'Not asked.'))
    const message = repliesTo(answer, { texts, note: wrong, left })
    await putMessage(store, { ...key, turn: key.turn + 1 }, message)
  }
  return putTurn(store, key, { judged: { judged, turn }, asks })
}

const linesUnread: Dropped = { what: 'lines of logs', why: 'the reader could not read them' }

function wasUnread({ message, read }: Exchange): boolean {
  return leftUnread(message, read)
}

/** A conclusion without the lines of logs is one that did not see them, whether its model says so or not. */
function withGap(diagnosis: Diagnosis, isGap: boolean): Diagnosis {
  return isGap ? { ...diagnosis, gaps: [...diagnosis.gaps, linesUnread] } : diagnosis
}

async function benchFor(
  deps: JudgeDeps,
  { incident }: TurnKey,
  { round, left }: { readonly round: number; readonly left: number },
): Promise<Bench> {
  const { store, probes, config, inventory, catalogue } = deps
  const { incident: facts, scope } = await readWholeRound(deps, incident, round)
  const [tried, troubled, recorded] = await Promise.all([
    readAttempts(store, { host: scope.host.id, identity: facts.identity }),
    readTroubled(store),
    recordedOf(store, incident),
  ])
  const hosts = readableHosts(scope.host, inventory().hosts, troubled)
  const { playbooks } = catalogue()
  return { readable: { probes, profile: config.profile, hosts }, scope: { ...scope, playbooks, tried }, recorded, left }
}

/** What citations of an incident are held against. */
export async function recordedOf(store: Store, incident: string): Promise<Recorded> {
  const all = await readEvidence(store, incident)
  return new Map(
    all.map(({ place, ...evidence }) => {
      const label = labelOf(place)
      const { facts, excerpt } = evidenceText(evidence)
      const shown = [
        factsText({ label, evidence }),
        ...linesText({ label, evidence }, maximumLines.planner.subject),
      ].join('\n')
      const seen = evidence.outcome.status === 'ok'
      return [label, { id: evidence.id, seen, texts: [facts, excerpt, shown].map(foldText) }]
    }),
  )
}

function answerOf(message: Message | null): Pick<Answer, 'text' | 'calls'> {
  if (message?.role === 'assistant') return message
  throw new Failure({ code: 'bug', message: 'There is no answer of this turn to judge.' })
}
