// Investigations: what a model was told and what it answered, in order, each message written once.
import { sql } from 'kysely'
import type { Json } from '../domain/canonical-json.ts'
import { Failure } from '../domain/failure.ts'
import type { IncidentId } from '../domain/ids.ts'
import type { Message, Question, Unread } from '../domain/model.ts'
import type { Store } from './connect.ts'
import { jsonText } from './text.ts'

export type InvestigationKey = { readonly incident: IncidentId; readonly number: number }
export type TurnKey = InvestigationKey & { readonly turn: number }

/** What is said to the model in a turn, and raw text beside it that only the reader sees. */
export type Said = { readonly message: Message; readonly unread: readonly Unread[] }

export type Investigation = {
  readonly number: number
  readonly team: string
  readonly environment: string
  readonly service: string
  readonly harness: Json
  readonly head: Pick<Question, 'system' | 'tools'>
}

type Beginning = Omit<Investigation, 'number'> & {
  readonly incident: IncidentId
  /** Of the transition that begins it. */
  readonly sequence: number
  readonly first: Said
}

/**
 * Writes an investigation with what its first turn says, and answers its number. One that stands under this sequence
 * keeps what it was begun with.
 */
export async function beginInvestigation(store: Store, beginning: Beginning): Promise<number> {
  const { incident, sequence, first, harness, head, ...rest } = beginning
  return store.transaction().execute(async (tx) => {
    await sql`select 1 from incident where id = ${incident} for update`.execute(tx)
    const before = await findInvestigation(tx, incident, sequence)
    if (before !== null) return before
    const { last } = await tx
      .selectFrom('investigation')
      .select(({ fn }) => fn.max('number').as('last'))
      .where('incident', '=', incident)
      .executeTakeFirstOrThrow()
    const number = (last ?? 0) + 1
    await tx
      .insertInto('investigation')
      .values({ ...rest, incident, number, sequence, harness: jsonText(harness), head: jsonText(head) })
      .execute()
    await putMessage(tx, { incident, number, turn: 1 }, first)
    return number
  })
}

/** The number of what was begun under this sequence; null: nothing yet. */
export async function findInvestigation(store: Store, incident: IncidentId, sequence: number): Promise<number | null> {
  const row = await store
    .selectFrom('investigation')
    .select('number')
    .where('incident', '=', incident)
    .where('sequence', '=', sequence)
    .executeTakeFirst()
  return row?.number ?? null
}

/** Throws `input.not-found`. */
export async function readInvestigation(store: Store, { incident, number }: InvestigationKey): Promise<Investigation> {
  const row = await store
    .selectFrom('investigation')
    .select(['number', 'team', 'environment', 'service', 'harness', 'head'])
    .where('incident', '=', incident)
    .where('number', '=', number)
    .executeTakeFirst()
  if (row !== undefined) return row
  throw new Failure({ code: 'input.not-found', message: `There is no investigation ${number} of ${incident}.` })
}

/** `facts`: what the reader answered about the raw text; null where it was not asked or did not answer. */
export type Exchange = Said & { readonly turn: number; readonly facts: Message | null; readonly answer: Message | null }

/** The conversation up to a turn, in its order. */
export async function readExchanges(store: Store, { incident, number, turn }: TurnKey): Promise<readonly Exchange[]> {
  const rows = await store
    .selectFrom('investigation_message')
    .select(['turn', 'position', 'message', 'unread'])
    .where('incident', '=', incident)
    .where('number', '=', number)
    .where('turn', '<=', turn)
    .orderBy('turn')
    .execute()
  const at = (of: number, position: number) => rows.find((row) => row.turn === of && row.position === position)
  return rows.flatMap((said) => {
    if (said.position !== 0) return []
    const { turn: of, message, unread } = said
    return [{ turn: of, message, unread, facts: at(of, 2)?.message ?? null, answer: at(of, 1)?.message ?? null }]
  })
}

/** What is said in a turn. A message that stands is kept. */
export async function putMessage(store: Store, key: TurnKey, { message, unread }: Said): Promise<void> {
  await insertMessage(store, key, { position: 0, message, unread })
}

/** What a model answered in a turn: 1 the planner, 2 the reader. One that stands is kept. */
export async function putAnswer(store: Store, key: TurnKey, position: 1 | 2, message: Message): Promise<void> {
  await insertMessage(store, key, { position, message, unread: [] })
}

async function insertMessage(
  store: Store,
  key: TurnKey,
  { position, message, unread }: Said & { readonly position: 0 | 1 | 2 },
): Promise<void> {
  const { incident, number, turn } = key
  await store
    .insertInto('investigation_message')
    .values({ incident, number, turn, position, message: jsonText(message), unread: jsonText(unread) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export type JudgedTurn = { readonly judged: Json; readonly asks: Json }

/** Null: not judged yet. */
export async function readTurn(store: Store, { incident, number, turn }: TurnKey): Promise<JudgedTurn | null> {
  const row = await store
    .selectFrom('investigation_turn')
    .select(['judged', 'asks'])
    .where('incident', '=', incident)
    .where('number', '=', number)
    .where('turn', '=', turn)
    .executeTakeFirst()
  return row ?? null
}

/** Answers what stands: of two judgements of one answer the first counts. */
export async function putTurn(store: Store, key: TurnKey, { judged, asks }: JudgedTurn): Promise<JudgedTurn> {
  const { incident, number, turn } = key
  await store
    .insertInto('investigation_turn')
    .values({ incident, number, turn, judged: jsonText(judged), asks: jsonText(asks) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return (await readTurn(store, key)) ?? { judged, asks }
}
