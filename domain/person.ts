// People, and whose hand is behind a login: codes are handed out by admins, who could type them themselves.

export type Role = 'viewer' | 'approver' | 'admin'

export type Person = { readonly name: string; readonly role: Role; readonly team: string }

/** How a name is written: in the record, in codes and in a playbook's `authors`. */
export const personName = /^[a-z0-9][a-z0-9.@_-]{0,62}$/

/** `by` handed out the code of a login, or changed a role or a team, at that moment (ISO 8601). */
export type Hand = { readonly by: string; readonly at: string }

/** The names behind a login from a moment on. What is older was there before anybody knew of the plan. */
export function handsSince(hands: readonly Hand[], since: Date): readonly string[] {
  return [...new Set(hands.filter(({ at }) => Date.parse(at) >= since.getTime()).map(({ by }) => by))]
}

/** No plan waits so long, milliseconds: what is older tells nothing any more. */
const forgottenAfter = 30 * 86_400_000

/** One more hand before the others; of each name only the newest act counts. */
export function withHand(hand: Hand, others: readonly Hand[]): readonly Hand[] {
  const recent = others.filter(({ at }) => Date.parse(hand.at) - Date.parse(at) < forgottenAfter)
  const newest = recent.toSorted((a, b) => (a.at < b.at ? 1 : -1))
  return [hand, ...newest].filter(({ by }, at, all) => all.findIndex((one) => one.by === by) === at)
}

/** The team whose things a person reads; null: every team's. */
export function readableTeam({ role, team }: Pick<Person, 'role' | 'team'>): string | null {
  return role === 'admin' ? null : team
}
