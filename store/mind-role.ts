// What the process that asks models may do in the database: read what it is to send, write what it was answered, and
// keep the ledger. It sees no alert, no host, no plan, no decision, no person.
import { sql } from 'kysely'
import { mindRole } from '../runtime/embedded-postgres.ts'
import type { Store } from './connect.ts'
import type { Database } from './schema.ts'

type Column = keyof Database['model_call']

/** Of a row of the ledger: what it is about, what a reservation writes, and what is written when it is settled. */
const named: readonly Column[] = ['incident', 'number', 'turn', 'tier', 'team', 'environment', 'service', 'agent']
const reserved: readonly Column[] = [
  'model',
  'state',
  'attempts',
  'tokens',
  'dollars',
  'milliseconds',
  'lifted',
  'sent_bytes',
  'sent_digest',
  'sent_to',
  'priced_by',
]
const settled: readonly Column[] = [
  'input',
  'cache_read',
  'cache_write',
  'output',
  'stop',
  'warns',
  'settled',
  'refusal',
  'settled_at',
]

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
    // Which rows, says the table: never what a model is told.
    await sql`grant insert on investigation_message to ${role}`.execute(tx)
    // By columns: nobody who may write a whole table may be kept from locking it.
    await sql`grant insert (${columns([...named, ...reserved])}) on model_call to ${role}`.execute(tx)
    await sql`grant update (${columns([...reserved, ...settled])}) on model_call to ${role}`.execute(tx)
  })
}

function columns(names: readonly Column[]) {
  return sql.join(names.map((name) => sql.id(name)))
}
