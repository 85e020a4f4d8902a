// What a try leaves behind for a replay, read from Millwright's own record: it was redacted before it was written
// there.
import { sql } from 'kysely'
import { labelOf } from '../../domain/evidence-text.ts'
import type { InventoryHost } from '../../domain/inventory.ts'
import { readableHosts } from '../../domain/inventory.ts'
import type { Message } from '../../domain/model.ts'
import type { TimelineEntry } from '../../domain/timeline.ts'
import { recordedOf } from '../../activities/judge-turn.ts'
import { asksSay } from '../../activities/investigation/judge.ts'
import type { Config } from '../../runtime/config.ts'
import type { Store } from '../../store/connect.ts'
import { readSubjects } from '../../store/incident.ts'
import { readExchanges, readInvestigation, readTurn } from '../../store/investigation.ts'
import { Transcript } from './transcript.ts'

/** The first one of an incident; a second one begins only after an attempt. */
const number = 1
const mostTurns = 64

export type Tried = Pick<Transcript, 'fault' | 'end'> & {
  readonly store: Store
  readonly incident: string
  readonly host: string
  readonly config: Pick<Config, 'playbooks' | 'profile'>
  readonly inventory: readonly InventoryHost[]
  /** Who really answered; null: whom the config names. */
  readonly model: string | null
}

/** Null: no model was asked. */
export async function transcriptOf({ store, incident, host, config, inventory, model: own, fault, end }: Tried) {
  const entries = await timelineOf(store, incident)
  const began = entries.flatMap(({ entry }) => (entry.kind === 'investigation-began' ? [entry] : []))[0]
  const target = inventory.find(({ id }) => id === host)
  if (began === undefined || target === undefined) return null
  const model = own ?? began.model
  const { harness, head } = await readInvestigation(store, { incident, number })
  const evidence = await evidenceOf(store, incident)
  const turns = await turnsOf(store, { incident, entries, of: began.turns, taken: evidence.map(({ at }) => at) })
  return Transcript.parse({
    version: 1,
    fault,
    model,
    harness: { ...Object(harness), model, ...(own === null ? {} : { reader: own }) },
    head,
    hosts: readableHosts(target, inventory, new Set()),
    subjects: (await readSubjects(store, incident)).map(({ kind, name }) => ({ kind, name })),
    playbooks: config.playbooks,
    queries: { metrics: Object.keys(config.profile.metrics), logs: Object.keys(config.profile.logs) },
    evidence: evidence.map(({ label, id, seen, texts }) => ({ label, id, seen, texts })),
    turns,
    end,
  })
}

type Entry = { readonly at: Date; readonly entry: TimelineEntry }

async function timelineOf(store: Store, incident: string): Promise<readonly Entry[]> {
  return store
    .selectFrom('timeline')
    .select(['at', 'entry'])
    .where(sql`incident`, '=', incident)
    .orderBy('sequence')
    .execute()
}

/** In the order in which it was taken. */
async function evidenceOf(store: Store, incident: string) {
  const places = await store
    .selectFrom('incident_evidence')
    .select(['round', 'position', 'taken_at'])
    .where(sql`incident`, '=', incident)
    .orderBy('round')
    .orderBy('position')
    .execute()
  const recorded = await recordedOf(store, incident)
  return places.flatMap(({ taken_at: at, ...place }) => {
    const label = labelOf(place)
    const one = recorded.get(label)
    return one === undefined ? [] : [{ at, label, id: one.id, seen: one.seen, texts: one.texts }]
  })
}

type Turns = {
  readonly incident: string
  readonly entries: readonly Entry[]
  /** Exchanges that there may be. */
  readonly of: number
  /** When each piece of evidence was taken, in its order. */
  readonly taken: readonly Date[]
}

async function turnsOf(store: Store, { incident, entries, of, taken }: Turns): Promise<readonly object[]> {
  const exchanges = await readExchanges(store, { incident, number, turn: mostTurns })
  const calls = await store
    .selectFrom('model_call')
    .selectAll()
    .where(sql`incident`, '=', incident)
    .where('number', '=', number)
    .where('tier', '=', 'planner')
    .execute()
  const runs = await store
    .selectFrom('run')
    .select(['playbook', 'created_at'])
    .where(sql`incident`, '=', incident)
    .execute()
  const made: object[] = []
  for (const { turn, message, read, answer } of exchanges) {
    const told = entries.find(
      ({ entry }) => entry.kind === 'turn' && entry.turn === turn && entry.investigation === number,
    )
    const judged = await readTurn(store, { incident, number, turn })
    const call = calls.find((one) => one.turn === turn)
    // Where it broke off there is nothing to replay.
    if (told === undefined || judged === null || call === undefined || answer?.role !== 'assistant') break
    const { dropped, diagnosis } = judged.judged.turn
    made.push({
      turn,
      said: saidOf(read ?? message),
      answer: { text: answer.text, calls: answer.calls, stop: call.stop },
      usage: {
        input: call.input ?? 0,
        cacheRead: call.cache_read ?? 0,
        cacheWrite: call.cache_write ?? 0,
        output: call.output ?? 0,
        dollars: Number(call.dollars),
      },
      left: of - turn,
      evidence: taken.filter((at) => at <= told.at).length,
      tried: runs.filter((run) => run.created_at < told.at).map(({ playbook }) => playbook),
      judgement: { judged: judged.judged.judged, dropped, diagnosis, asks: asksSay(judged.asks) },
    })
  }
  return made
}

/** Never an answer: those stand apart. */
function saidOf(message: Message): unknown {
  return message
}
