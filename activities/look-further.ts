// Step 8: what a model asked to see, after code has checked it: one exchange for each host, and named queries.
import { Context } from '@temporalio/activity'
import type { Ask } from '../domain/ask.ts'
import type { Evidence } from '../domain/evidence.ts'
import { evidenceText, labelOf } from '../domain/evidence-text.ts'
import { Failure } from '../domain/failure.ts'
import { unreadBlocks } from '../domain/fence.ts'
import type { HostId, IncidentId } from '../domain/ids.ts'
import type { InventorySnapshot } from '../domain/inventory.ts'
import { digestOf } from '../runtime/digest.ts'
import { forModel, newBoundary } from '../runtime/for-model.ts'
import type { Store } from '../store/connect.ts'
import { saveEvidence, type Taken } from '../store/evidence.ts'
import { readSubjects, readTaken } from '../store/incident.ts'
import { putMessage, readExchanges, readInvestigation, readTurn, type TurnKey } from '../store/investigation.ts'
import { writeNext } from '../store/transition.ts'
import type { AskHost } from './ask-host.ts'
import type { AskStores } from './ask-stores.ts'
import type { Looked } from './baseline.ts'
import { inventoryHost } from './collect-evidence.ts'
import { repliesTo } from './investigation/replies.ts'
import { factsText, type Labelled } from './pack/evidence-text.ts'
import type { HandsActivities, LookedFurther } from './types.ts'

export type LookFurtherDeps = {
  readonly store: Store
  readonly inventory: () => InventorySnapshot
  readonly askHost: AskHost
  /** Absent: no store is asked. */
  readonly metrics?: { readonly ask: AskStores }
}

type Asked = Exclude<Ask, { kind: 'refused' }>

/** A round that stands already is answered from the store: asked again after a lost worker, no host is asked twice. */
export function createLookFurther(deps: LookFurtherDeps): HandsActivities['lookFurther'] {
  return async ({ incident, investigation, turn, host, round, sequence, left }) => {
    const { store } = deps
    const key = { incident, number: investigation, turn }
    const judged = await readTurn(store, key)
    if (judged === null) throw new Failure({ code: 'bug', message: `Turn ${turn} of ${incident} is not judged.` })
    const asked = judged.asks.filter((ask): ask is Asked => ask.kind !== 'refused')
    const began = performance.now()
    const stands = await readTaken(store, incident, round)
    const taken = stands.length > 0 ? stands : await look(deps, { incident, round, host }, asked)
    const milliseconds = Math.round(performance.now() - began)
    const told = await tell(deps, key, { asks: judged.asks, taken, round, left })
    const entry = { kind: 'looked', ...lookedAt(deps, host, taken), round, milliseconds } as const
    await writeNext(store, { incident, sequence, state: null, entry })
    return told
  }
}

async function look(
  deps: LookFurtherDeps,
  { incident, round, host }: { readonly incident: IncidentId; readonly round: number; readonly host: HostId },
  asked: readonly Asked[],
): Promise<readonly Taken[]> {
  const looked = { host: inventoryHost(deps.inventory(), host), subjects: await readSubjects(deps.store, incident) }
  const answers = await answersOf(deps, looked, asked)
  const written = await saveEvidence(deps.store, { incident, round }, answers)
  return written ? answers : readTaken(deps.store, incident, round)
}

/** In the order of the questions, one for each. */
async function answersOf(deps: LookFurtherDeps, looked: Looked, asked: readonly Asked[]): Promise<readonly Taken[]> {
  const signal = Context.current().cancellationSignal
  const hosts = new Set(asked.flatMap((ask) => (ask.kind === 'probe' ? [ask.host] : [])))
  const stored = storesAnswer(deps, looked, asked, signal)
  const probed = await Promise.all(
    [...hosts].map(async (id) => {
      const asks = asked.filter((ask) => ask.kind === 'probe' && ask.host === id)
      const requests = asks.flatMap((ask) => (ask.kind === 'probe' ? [ask.request] : []))
      const answers = await deps.askHost(inventoryHost(deps.inventory(), id), requests, signal)
      return asks.map((ask, at) => [ask, answers[at]] as const)
    }),
  )
  const evidence = new Map<Ask, Evidence | undefined>([...probed.flat(), ...(await stored)])
  return asked.map((ask) => ({
    host: ask.kind === 'probe' ? ask.host : looked.host.id,
    evidence: evidence.get(ask) ?? notAsked(ask),
  }))
}

async function storesAnswer(
  { metrics }: LookFurtherDeps,
  looked: Looked,
  asked: readonly Asked[],
  signal: AbortSignal,
): Promise<readonly (readonly [Ask, Evidence | undefined])[]> {
  const asks = asked.flatMap((ask) => (ask.kind === 'probe' ? [] : [ask]))
  if (metrics === undefined || asks.length === 0) return []
  const answers = await metrics.ask(asks, looked, signal)
  return asks.map((ask, at) => [ask, answers[at]] as const)
}

/** That it could not be asked is evidence, too. */
function notAsked(ask: Asked): Evidence {
  const request = ask.kind === 'probe' ? ask.request : { probe: ask.kind, params: { query: ask.query } }
  const outcome = { status: 'failed', reason: 'refused', message: 'No store that answers this is configured.' } as const
  const answered = { request, outcome, hostClock: null, hostDigest: null }
  const id: string = digestOf(answered)
  return { id, ...answered, takenAt: new Date().toISOString() }
}

type Answered = {
  readonly asks: readonly Ask[]
  readonly taken: readonly Taken[]
  readonly round: number
  readonly left: number
}

/** Writes the next turn's message: under each call facts, and the lines behind them. */
async function tell(
  deps: LookFurtherDeps,
  key: TurnKey,
  { asks, taken, round, left }: Answered,
): Promise<LookedFurther> {
  const exchange = (await readExchanges(deps.store, key)).find(({ turn }) => turn === key.turn)
  const calls = exchange?.answer?.role === 'assistant' ? exchange.answer.calls : []
  const answers = taken.map(({ host, evidence }, position) => ({ host, evidence, label: labelOf({ round, position }) }))
  const open = [...answers]
  const { harness } = await readInvestigation(deps.store, key)
  const told = teller(harness.reader !== null)
  const texts = asks.map((ask) => {
    if (ask.kind === 'refused') return `Refused: ${ask.says}.`
    const answer = open.shift()
    return answer === undefined ? 'Not asked.' : told(answer)
  })
  const message = repliesTo({ calls }, { texts, note: '', left })
  await putMessage(deps.store, { ...key, turn: key.turn + 1 }, message)
  return { unread: texts.some((text) => unreadBlocks(text).length > 0) }
}

/** For people: which hosts were looked at, and how much of it could not be seen. */
function lookedAt({ inventory }: LookFurtherDeps, host: HostId, taken: readonly Taken[]) {
  const { hosts } = inventory()
  const nameOf = (id: HostId): string => hosts.find((one) => one.id === id)?.name ?? id
  return {
    host: nameOf(host),
    hosts: [...new Set(taken.map((one) => nameOf(one.host)))],
    evidence: taken.map(({ evidence }) => evidence.id),
    failed: taken.filter(({ evidence }) => evidence.outcome.status === 'failed').length,
  }
}

/** Characters of the lines of one answer. */
const longestLines = 4_000

/** Lines are for the reader, where there is one; else they are data, grouped by what they say. */
function teller(unread: boolean): (answer: Labelled) => string {
  const boundary = newBoundary()
  return (answer) => {
    const { excerpt } = evidenceText(answer.evidence)
    const label = `answer of ${answer.host}`
    const said = forModel(factsText(answer), { label, boundary, maximumCharacters: longestLines })
    if (excerpt === '') return said
    const lines = { label: `lines of ${answer.label}`, boundary, maximumCharacters: longestLines, unread } as const
    return `${said}\n${forModel(excerpt, { ...lines, lines: 'grouped' })}`
  }
}
