// What the process that asks models may do in the database: read what it is to send, write what it was answered, and
// keep the ledger. It sees no alert, no host, no plan, no decision, no person.
import { sql } from 'kysely'
import { mindRole } from '../runtime/embedded-postgres.ts'
import type { Store } from './connect.ts'

/**
 * Makes the role where it is missing, and gives it exactly these rights; asked again, nothing changes. The caller owns
 * the tables. In production an administrator makes the role, with a password, before.
 */
export async function grantMind(store: Store): Promise<void> {
  const role = sql.id(mindRole)
  await store.transaction().execute(async (tx) => {
    // Roles belong to the server: another database of it may have this one by now, or get it at the same time.
    await sql`do $$ begin
      if not exists (select from pg_roles where rolname = ${sql.lit(mindRole)}) then
        create role ${role} login noinherit;
      end if;
    exception when duplicate_object or unique_violation then null;
    end $$`.execute(tx)
    await sql`revoke all on all tables in schema public from ${role}`.execute(tx)
    await sql`revoke all on all sequences in schema public from ${role}`.execute(tx)
    // Everybody may call a function unless told otherwise, and some act with the rights of their owner.
    await sql`revoke execute on all functions in schema public from public, ${role}`.execute(tx)
    await sql`revoke create on schema public from public, ${role}`.execute(tx)
    await sql`grant usage on schema public to ${role}`.execute(tx)
    await sql`grant select on investigation, investigation_message, model_call, budget_lift to ${role}`.execute(tx)
    await sql`grant insert on investigation_message, model_call to ${role}`.execute(tx)
    await sql`grant update on model_call to ${role}`.execute(tx)
  })
}
