// People: who is let in, changed and removed, each with an audit event in the same transaction.
import { randomInt } from 'node:crypto'
import { sql, type Transaction } from 'kysely'
import { Failure } from '../domain/failure.ts'
import { type Hand, type Person, withHand } from '../domain/person.ts'
import { sha256 } from '../runtime/digest.ts'
import { insertAudit } from './audit.ts'
import type { Store } from './connect.ts'
import type { Database } from './schema.ts'
import type { Session } from './session.ts'

/** Who starts Millwright; there is no password for it, only codes. */
export const localAdmin: Person = { name: 'admin', role: 'admin', team: 'default' }

/** A one-time code is worth something for so long. */
const codeMinutes = 10
/** More names than these behind one login are refused: nobody could tell any more whose hand it is. */
const maximumHands = 64

/** Without letters and digits that look alike; 12 of these 31 are 59 bits, for ten minutes. */
const alphabet = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789'

/** What handing out a code did: a new person, another role or team, or one more code for somebody as they are. */
export type Invitation = {
  /** `XXXX-XXXX-XXXX`; nowhere else, only its hash is stored. */
  readonly code: string
  readonly did: 'invited' | 'changed' | 'known'
}

/**
 * Lets a person in, or changes their role and team, and makes a code that logs them in once, within ten minutes. `by`
 * is the session of who does it; null for whoever starts Millwright on this machine.
 */
export async function invite(
  store: Store,
  { name, role, team }: Person,
  by: Pick<Session, 'person' | 'hands'> | null,
  now: Date,
): Promise<Invitation> {
  const hands = by === null ? [] : withHand({ by: by.person.name, at: now.toISOString() }, by.hands)
  if (hands.length > maximumHands) throw tooManyHands()
  const code = newCode()
  const did = await store.transaction().execute(async (tx) => {
    const before = await tx.selectFrom('person').selectAll().where('name', '=', name).forUpdate().executeTakeFirst()
    const changes = before === undefined || before.role !== role || before.team !== team
    if (changes) await keepPerson(tx, { name, role, team }, [...hands, ...(before?.hands ?? [])], now)
    await tx
      .insertInto('login_code')
      .values({
        id: sha256(code.replaceAll('-', '')),
        person: name,
        role,
        team,
        hands: JSON.stringify(hands),
        created_at: now,
        expires_at: new Date(now.getTime() + codeMinutes * 60_000),
      })
      .execute()
    const was = before === undefined ? null : { role: before.role, team: before.team }
    const kind = was === null ? ('invited' as const) : changes ? ('changed' as const) : ('known' as const)
    const act = kind === 'known' ? 'person.code-handed-out' : `person.${kind}`
    const actor = by === null ? 'system:start' : `person:${by.person.name}`
    const event = { at: now, team, environment: 'default', actor, act, subject: `person:${name}` }
    await insertAudit(tx, [{ ...event, digests: {}, detail: { role, team, was } }])
    return kind
  })
  return { code, did }
}

async function keepPerson(
  tx: Transaction<Database>,
  { name, role, team }: Person,
  hands: readonly Hand[],
  now: Date,
): Promise<void> {
  const changed = { role, team, hands: JSON.stringify(hands) }
  await tx
    .insertInto('person')
    .values({ name, ...changed, created_at: now })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(changed))
    .execute()
}

function newCode(): string {
  const characters = Array.from({ length: 12 }, () => alphabet[randomInt(alphabet.length)]).join('')
  return characters.replaceAll(/(.{4})(?=.)/g, '$1-')
}

/** Ends a person's role, sessions and unused codes at once. False when nobody of that name is there. */
export async function removePerson(store: Store, name: string, by: string, now: Date): Promise<boolean> {
  return store.transaction().execute(async (tx) => {
    const gone = await tx.deleteFrom('person').where('name', '=', name).returning(['role', 'team']).executeTakeFirst()
    if (gone === undefined) return false
    await tx.deleteFrom('login_code').where('person', '=', name).execute()
    const { role, team } = gone
    const event = { at: now, team, environment: 'default', actor: `person:${by}`, subject: `person:${name}` }
    await insertAudit(tx, [{ ...event, act: 'person.removed', digests: {}, detail: { role, team } }])
    return true
  })
}

/** A person as the others see them. */
export type PersonRow = Person & {
  readonly createdAt: Date
  /** Null: whoever starts Millwright on its machine. */
  readonly letInBy: string | null
  readonly sessions: number
  readonly lastSeenAt: Date | null
}

/** Everybody of a team, or of all teams when it is null; at most 500, by name. */
export async function listPeople(store: Store, team: string | null, now: Date): Promise<readonly PersonRow[]> {
  const rows = await sql<PersonRow>`
    select p.name, p.role, p.team, p.created_at as "createdAt", p.hands -> 0 ->> 'by' as "letInBy",
      count(s.id)::int as sessions, max(coalesce(s.seen_at, s.created_at)) as "lastSeenAt"
    from person p left join session s on s.person = p.name and s.expires_at > ${now}
    where ${team}::text is null or p.team = ${team}
    group by p.name order by p.name limit 500`.execute(store)
  return rows.rows
}

export async function findPerson(store: Store, name: string): Promise<Person | null> {
  const row = await store
    .selectFrom('person')
    .select(['name', 'role', 'team'])
    .where('name', '=', name)
    .executeTakeFirst()
  return row ?? null
}

function tooManyHands(): Failure {
  return new Failure({
    code: 'policy.forbidden',
    message: `More than ${maximumHands} people stand behind this login.`,
    hint: 'Let another admin hand out the code.',
  })
}
