// Logins: a one-time code is traded for a token. Codes and tokens are random and stored only as hashes.
import { randomBytes } from 'node:crypto'
import { type Selectable } from 'kysely'
import { Failure } from '../domain/failure.ts'
import type { Hand, Person } from '../domain/person.ts'
import { sha256 } from '../runtime/digest.ts'
import { insertAudit } from './audit.ts'
import type { Store } from './connect.ts'
import type { Database } from './schema.ts'

/** `local`: the token that `millwright up` writes for whoever runs it, until its next start. */
export type SessionKind = 'cookie' | 'cli' | 'local'

export type Session = {
  readonly id: string
  readonly kind: SessionKind
  readonly person: Person
  /** Who handed out its code, or changed the person: whose login this may be, too. */
  readonly hands: readonly Hand[]
}

const hour = 3_600_000
/** A session that nobody uses ends after this, milliseconds. */
const idle: Readonly<Record<SessionKind, number>> = { cookie: 12 * hour, cli: 12 * hour, local: 30 * 24 * hour }
/** However much it is used, it ends after this, milliseconds. */
const longest: Readonly<Record<SessionKind, number>> = { cookie: 12 * hour, cli: 7 * 24 * hour, local: 400 * 24 * hour }
/** Its use is written down this often, milliseconds. */
const noteEvery = 60_000

/** Trades a code for a session's token. Throws `auth.bad-credentials`; a code works once. */
export async function login(store: Store, code: string, kind: 'cookie' | 'cli', now: Date): Promise<string> {
  const characters = code.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')
  const row = await store
    .updateTable('login_code')
    .from('person')
    .set({ used_at: now })
    .whereRef('person.name', '=', 'login_code.person')
    .where('login_code.id', '=', sha256(characters))
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .returning(['person.name', 'person.role', 'person.team', 'login_code.hands'])
    .executeTakeFirst()
  if (row !== undefined) {
    const [first, ...others] = row.hands
    // It counts from now on: a code that waits in a drawer is nobody yet.
    const hands = first === undefined ? [] : [{ ...first, at: now.toISOString() }, ...others]
    return openSession(store, { person: row, kind, hands }, now)
  }
  throw new Failure({
    code: 'auth.bad-credentials',
    message: 'This code is wrong, used or older than ten minutes.',
    hint: '`millwright up` prints a new one at each start; an admin hands one out with `millwright person invite`.',
  })
}

/** Opens a session of a person who is known. Answers the token, which is nowhere else. */
export async function openSession(
  store: Store,
  {
    person,
    kind,
    hands = [],
  }: { readonly person: Person; readonly kind: SessionKind; readonly hands?: readonly Hand[] },
  now: Date,
): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  const { name, role, team } = person
  await store.transaction().execute(async (tx) => {
    const times = { created_at: now, seen_at: now, expires_at: new Date(now.getTime() + idle[kind]) }
    await tx
      .insertInto('session')
      .values({ id: sha256(token), person: name, kind, hands: JSON.stringify(hands), ...times })
      .execute()
    const who = { team, environment: 'default', actor: `person:${name}`, subject: `person:${name}` }
    const handedBy = hands[0]?.by ?? null
    await insertAudit(tx, [{ ...who, at: now, act: 'session.opened', digests: {}, detail: { kind, role, handedBy } }])
  })
  return token
}

/** Ends every login of one kind: there is only one at a time on this machine. */
export async function endSessions(store: Store, name: string, kind: SessionKind): Promise<void> {
  await store.deleteFrom('session').where('person', '=', name).where('kind', '=', kind).execute()
}

/** Whose token it is; null when it is nobody's, or no longer. Role and team are those of this moment. */
export async function findSession(store: Store, token: string, now: Date): Promise<Session | null> {
  const row = await sessionRow(store, sha256(token), now)
  if (row === undefined) return null
  await noteUse(store, row, now)
  return sessionOf(row)
}

/** The same session as it is now; null once it has ended or its person is gone. */
export async function sessionNow(store: Store, id: string, now: Date): Promise<Session | null> {
  const row = await sessionRow(store, id, now)
  return row === undefined ? null : sessionOf(row)
}

type Row = Pick<Selectable<Database['session']>, 'id' | 'kind' | 'hands' | 'created_at' | 'seen_at'> &
  Person & { readonly personHands: readonly Hand[] }

function sessionRow(store: Store, id: string, now: Date): Promise<Row | undefined> {
  return store
    .selectFrom('session')
    .innerJoin('person', 'person.name', 'session.person')
    .select(['session.id', 'session.kind', 'session.hands', 'session.created_at', 'session.seen_at'])
    .select(['person.name', 'person.role', 'person.team', 'person.hands as personHands'])
    .where('session.id', '=', id)
    .where('session.expires_at', '>', now)
    .executeTakeFirst()
}

function sessionOf({ id, kind, name, role, team, hands, personHands }: Row): Session {
  return { id, kind, person: { name, role, team }, hands: [...hands, ...personHands] }
}

async function noteUse(store: Store, { id, kind, created_at: from, seen_at: seen }: Row, now: Date): Promise<void> {
  if (seen !== null && now.getTime() - seen.getTime() < noteEvery) return
  const expires = new Date(Math.min(now.getTime() + idle[kind], from.getTime() + longest[kind]))
  await store.updateTable('session').set({ seen_at: now, expires_at: expires }).where('id', '=', id).execute()
}

export async function closeSession(store: Store, id: string): Promise<void> {
  await store.deleteFrom('session').where('id', '=', id).execute()
}
