// What people are still to be told: rows written with what happened, sent by whichever gateway is free.
import { sql } from 'kysely'
import type { Notification } from '../integrations/notifier.ts'
import type { Store } from './connect.ts'
import { storableText } from './text.ts'

/** Notified at the commit of every new row. */
export const outboxChannel = 'millwright_outbox'

export type Letter = {
  readonly id: string
  readonly notifier: string
  readonly incident: string
  readonly body: Notification
  readonly tries: number
  readonly createdAt: Date
  /** It was sent before; this is a reminder. */
  readonly again: boolean
}

/** One for each notifier, sent from that moment on. What stands there under its key already is the same message. */
export async function putLetters(
  store: Store,
  body: Notification,
  { notifiers, sendAt }: { readonly notifiers: readonly string[]; readonly sendAt: Date },
): Promise<void> {
  const row = { key: body.key, incident: body.incident.id, body: JSON.stringify(body) }
  const times = { created_at: new Date(body.at), next_at: sendAt }
  await store
    .insertInto('outbox')
    .values(notifiers.map((notifier) => ({ notifier, ...row, ...times })))
    .onConflict((conflict) => conflict.columns(['notifier', 'key']).doNothing())
    .execute()
}

const claimed = 20
const claimSeconds = 30
const longestWaitSeconds = 300

/**
 * Takes what is due: for each notifier and incident the oldest first, so that "handled" never comes before "needs you".
 * What became pointless is left out: a call for help, or its reminder, that a later message of the same incident has
 * answered.
 */
export async function claimLetters(store: Store): Promise<readonly Letter[]> {
  await dropAnswered(store)
  const result = await sql<Letter>`
    with due as (
      select id from outbox o
      where given_up_at is null and ((sent_at is null and next_at <= now()) or again_at <= now())
        and not exists (select 1 from outbox older where older.incident = o.incident and older.notifier = o.notifier
          and older.id < o.id and older.sent_at is null and older.given_up_at is null)
      order by id limit ${claimed} for update skip locked)
    update outbox o set tries = o.tries + 1, next_at = now() + make_interval(secs => ${claimSeconds}),
      again_at = case when o.again_at is null then null else now() + make_interval(secs => ${claimSeconds}) end
    from due where o.id = due.id
    returning o.id, o.notifier, o.incident, o.body, o.tries, o.created_at as "createdAt", o.sent_at is not null as again`.execute(
    store,
  )
  return result.rows
}

/** What is only a notice answers nothing. */
const answered = sql<boolean>`exists (select 1 from outbox later
  where later.incident = o.incident and later.notifier = o.notifier and later.id > o.id and later.body->>'kind' <> 'notice')`

async function dropAnswered(store: Store): Promise<void> {
  // A reminder that was put off stands in nobody's way.
  await sql`delete from outbox o where o.sent_at is null and o.tries = 0 and o.next_at > now()
      and o.body->>'kind' = 'needs-you'
      and ${answered}`.execute(store)
  await sql`update outbox o set again_at = null,
      given_up_at = case when o.sent_at is null then now() end,
      error = case when o.sent_at is null then 'handled before it could be told' else o.error end
    where (o.again_at is not null or (o.sent_at is null and o.given_up_at is null and o.tries > 0))
      and o.body->>'kind' = 'needs-you'
      and ${answered}`.execute(store)
}

/** Sent; again after so many seconds when that is given. */
export async function letterSent(store: Store, { id }: Letter, againSeconds: number | null): Promise<void> {
  await sql`update outbox set sent_at = coalesce(sent_at, now()), error = null, tries = 0,
      again_at = now() + make_interval(secs => ${againSeconds}::double precision)
    where id = ${id}`.execute(store)
}

/** Not sent: again later, each time after a longer wait, or never. */
export async function letterFailed(
  store: Store,
  { id, tries, again }: Letter,
  says: string,
  giveUp: boolean,
): Promise<void> {
  const seconds = Math.min(longestWaitSeconds, 2 ** Math.min(tries, 12))
  const error = storableText(says).slice(0, 500)
  await sql`update outbox set error = ${error},
      next_at = now() + make_interval(secs => ${seconds}),
      again_at = case when ${again} and not ${giveUp} then now() + make_interval(secs => ${seconds}) end,
      given_up_at = case when ${giveUp} then now() else given_up_at end
    where id = ${id}`.execute(store)
}
