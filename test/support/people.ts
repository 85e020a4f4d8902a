// A person who is logged in, without the code and the form that they came by.
import type { Hand, Person } from '../../domain/person.ts'
import type { Store } from '../../store/connect.ts'
import { openSession, type SessionKind } from '../../store/session.ts'

/** The token of a new session of a person, who is added or changed with it. */
export async function logInAs(
  store: Store,
  person: Person,
  kind: SessionKind = 'cli',
  hands: readonly Hand[] = [],
): Promise<string> {
  const { name, role, team } = person
  await store
    .insertInto('person')
    .values({ name, role, team, created_at: new Date() })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ role, team }))
    .execute()
  return openSession(store, { person, kind, hands }, new Date())
}
