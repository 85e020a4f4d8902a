// The kill switch: one row. While it is set no change starts anywhere, and those under way are cancelled.
import { insertAudit } from './audit.ts'
import type { Store } from './connect.ts'
import { storableText } from './text.ts'

export type SwitchChange = {
  readonly stopped: boolean
  /** A person's name. */
  readonly by: string
  readonly team: string
  readonly says: string
  readonly at: Date
}

/**
 * Sets or releases it, with its audit event. The same again is no error: who presses twice means it. A stop stays the
 * one of whoever stopped first, so that nobody makes another team's stop their own.
 */
export async function setSwitch(store: Store, { stopped, by, team, says, at }: SwitchChange): Promise<void> {
  const words = storableText(says)
  await store.transaction().execute(async (tx) => {
    const row = { stopped, by, team, says: words, at }
    await tx
      .insertInto('kill_switch')
      .values({ one: true, ...row })
      .onConflict((conflict) => conflict.column('one').doUpdateSet(row).where('kill_switch.stopped', '<>', stopped))
      .execute()
    const act = stopped ? 'switch.stopped' : 'switch.resumed'
    const who = { team, environment: 'default', actor: `person:${by}`, subject: 'kill-switch' }
    await insertAudit(tx, [{ ...who, at, act, digests: {}, detail: { says: words } }])
  })
}

/** Whose stop it is; null while nothing is stopped. */
export async function readStopper(store: Store): Promise<{ readonly by: string; readonly team: string } | null> {
  const row = await store.selectFrom('kill_switch').select(['stopped', 'by', 'team']).executeTakeFirst()
  return row?.stopped === true ? { by: row.by, team: row.team } : null
}
