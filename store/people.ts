// People, their one-time codes and their sessions. Codes and tokens are random and stored only as hashes.
import { randomBytes, randomInt } from 'node:crypto'
import { Failure } from '../domain/failure.ts'
import { sha256 } from '../runtime/digest.ts'
import { insertAudit } from './audit.ts'
import type { Store } from './connect.ts'

export type Person = {
  readonly name: string
  readonly role: 'viewer' | 'approver' | 'admin'
  readonly team: string
}

export type SessionKind = 'cookie' | 'cli'

export type Session = { readonly id: string; readonly kind: SessionKind; readonly person: Person }

/** Who starts Millwright; there is no password for it, only codes. */
export const localAdmin: Person = { name: 'admin', role: 'admin', team: 'default' }

const codeMinutes = 10
const sessionHours: Readonly<Record<SessionKind, number>> = { cookie: 12, cli: 24 * 7 }

/** Without letters and digits that look alike; 12 of these 31 are 59 bits, for ten minutes. */
const alphabet = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789'

/** A code that logs this person in, once, within ten minutes: `XXXX-XXXX-XXXX`. */
export async function createLoginCode(store: Store, person: Person, now: Date): Promise<string> {
  const characters = Array.from({ length: 12 }, () => alphabet[randomInt(alphabet.length)]).join('')
  const expires = new Date(now.getTime() + codeMinutes * 60_000)
  await store
    .insertInto('login_code')
    .values({
      id: sha256(characters),
      person: person.name,
      role: person.role,
      team: person.team,
      created_at: now,
      expires_at: expires,
    })
    .execute()
  return characters.replaceAll(/(.{4})(?=.)/g, '$1-')
}

/** Trades a code for a session's token. Throws `auth.bad-credentials`; a code works once. */
export async function login(store: Store, code: string, kind: SessionKind, now: Date): Promise<string> {
  const characters = code.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')
  const row = await store
    .updateTable('login_code')
    .set({ used_at: now })
    .where('id', '=', sha256(characters))
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .returning(['person as name', 'role', 'team'])
    .executeTakeFirst()
  if (row !== undefined) return openSession(store, row, kind, now)
  throw new Failure({
    code: 'auth.bad-credentials',
    message: 'This code is wrong, used or older than ten minutes.',
    hint: '`millwright up` prints a new one at each start; an admin hands one out with POST /api/v1/people.',
  })
}

/** Opens a session of a person, who is added or changed with it. Answers the token, which is nowhere else. */
export async function openSession(store: Store, person: Person, kind: SessionKind, now: Date): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  const { name, role, team } = person
  await store.transaction().execute(async (tx) => {
    await tx
      .insertInto('person')
      .values({ name, role, team, created_at: now })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ role, team }))
      .execute()
    const expires = new Date(now.getTime() + sessionHours[kind] * 3_600_000)
    await tx
      .insertInto('session')
      .values({ id: sha256(token), person: name, kind, created_at: now, expires_at: expires })
      .execute()
    const who = { team, environment: 'default', actor: `person:${name}`, subject: `person:${name}` }
    await insertAudit(tx, [{ ...who, at: now, act: 'session.opened', digests: {}, detail: { kind, role } }])
  })
  return token
}

/** Whose token it is; null when it is nobody's, or no longer. The role is the one of this moment. */
export async function findSession(store: Store, token: string, now: Date): Promise<Session | null> {
  const row = await store
    .selectFrom('session')
    .innerJoin('person', 'person.name', 'session.person')
    .select(['session.id', 'session.kind', 'person.name', 'person.role', 'person.team'])
    .where('session.id', '=', sha256(token))
    .where('session.expires_at', '>', now)
    .executeTakeFirst()
  if (row === undefined) return null
  const { id, kind, name, role, team } = row
  return { id, kind, person: { name, role, team } }
}

export async function closeSession(store: Store, id: string): Promise<void> {
  await store.deleteFrom('session').where('id', '=', id).execute()
}
