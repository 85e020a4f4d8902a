// Investigations: what a model was told and what it answered, in order, each message written once.
import { sql } from 'kysely'
import type { Ask } from '../domain/ask.ts'
import type { Judged, Turn } from '../domain/diagnosis.ts'
import { Failure } from '../domain/failure.ts'
import type { IncidentId } from '../domain/ids.ts'
import type { Harness, Message, Question } from '../domain/model.ts'
import type { Store } from './connect.ts'
import { jsonText } from './text.ts'

export type InvestigationKey = { readonly incident: IncidentId; readonly number: number }
export type TurnKey = InvestigationKey & { readonly turn: number }

export type Investigation = {
  readonly number: number
  readonly team: string
  readonly environment: string
  readonly service: string
  readonly harness: Harness
  readonly head: Pick<Question, 'system' | 'tools'>
}

type Beginning = Omit<Investigation, 'number'> & {
  readonly incident: IncidentId
  /** Of the transition that begins it. */
  readonly sequence: number
  /** What the first turn says. */
  readonly first: Message
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

/**
 * One turn. `message`: as it was written, raw text that only the reader sees included; `read`: the same with facts in
 * place of that text, null where nobody has read it; `answer`: null before it.
 */
export type Exchange = {
  readonly turn: number
  readonly message: Message
  readonly read: Message | null
  readonly answer: Message | null
}

/** The conversation up to a turn, in its order. */
export async function readExchanges(store: Store, { incident, number, turn }: TurnKey): Promise<readonly Exchange[]> {
  const rows = await store
    .selectFrom('investigation_message')
    .select(['turn', 'position', 'message'])
    .where('incident', '=', incident)
    .where('number', '=', number)
    .where('turn', '<=', turn)
    .orderBy('turn')
    .execute()
  const at = (of: number, position: number) =>
    rows.find((row) => row.turn === of && row.position === position)?.message ?? null
  return rows.flatMap(({ turn: of, position, message }) =>
    position === positions.said
      ? [{ turn: of, message, read: at(of, positions.read), answer: at(of, positions.answer) }]
      : [],
  )
}

const positions = { said: 0, answer: 1, read: 2 } as const

/** `said` to the planner, its `answer`, or what was said as the reader has `read` it. One that stands is kept. */
export async function putMessage(
  store: Store,
  { incident, number, turn }: TurnKey,
  message: Message,
  as: keyof typeof positions = 'said',
): Promise<void> {
  await store
    .insertInto('investigation_message')
    .values({ incident, number, turn, position: positions[as], message: jsonText(message) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export type JudgedTurn = {
  readonly judged: { readonly judged: Judged; readonly turn: Turn }
  readonly asks: readonly Ask[]
}

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
