// Plans: written once, read as they were frozen; the first answer of policy stays.
import { sql } from 'kysely'
import type { PolicyAnswer } from '../domain/decision.ts'
import { Failure } from '../domain/failure.ts'
import type { IncidentId, PlanId } from '../domain/ids.ts'
import type { Plan } from '../domain/plan.ts'
import type { Playbook } from '../domain/playbook.ts'
import type { Store } from './connect.ts'

export type StoredPlan = {
  readonly plan: Plan
  readonly digest: string
  /** The alerts' identity that attempts are counted for. */
  readonly identity: string
  readonly policy: PolicyAnswer | null
}

/** Writes a plan; the same digest again changes nothing. */
export async function insertPlan(store: Store, { plan, digest, identity }: Omit<StoredPlan, 'policy'>): Promise<void> {
  const [host] = plan.hosts
  await store
    .insertInto('plan')
    .values({
      id: plan.id,
      incident: plan.incident,
      team: plan.team,
      environment: plan.environment,
      host: host.id,
      playbook: plan.playbook.id,
      attempt: plan.attempt,
      kind: plan.kind,
      digest,
      body: JSON.stringify(plan),
      identity,
      created_at: plan.createdAt,
      expires_at: plan.expiresAt,
    })
    .onConflict((conflict) => conflict.column('digest').doNothing())
    .execute()
}

/** Throws `input.not-found`. */
export async function readPlan(store: Store, id: PlanId): Promise<StoredPlan> {
  const row = await store
    .selectFrom('plan')
    .select(['body', 'digest', 'identity', 'policy'])
    .where('id', '=', id)
    .executeTakeFirst()
  if (row === undefined) throw new Failure({ code: 'input.not-found', message: `There is no plan ${id}.` })
  return { plan: row.body, digest: row.digest, identity: row.identity, policy: row.policy }
}

type Search = Pick<Plan, 'incident' | 'attempt' | 'kind'> & { readonly playbook: string; readonly after: Date }

/**
 * The plan that this very step has made before: same incident, attempt, kind and playbook, made after what it is made
 * from.
 */
export async function findPlan(
  store: Store,
  { incident, attempt, kind, playbook, after }: Search,
): Promise<StoredPlan | null> {
  const row = await store
    .selectFrom('plan')
    .select(['body', 'digest', 'identity', 'policy'])
    .where('incident', '=', incident)
    .where('attempt', '=', attempt)
    .where('kind', '=', kind)
    .where('playbook', '=', playbook)
    .where('created_at', '>=', after)
    .orderBy('created_at')
    .executeTakeFirst()
  return row === undefined ? null : { plan: row.body, digest: row.digest, identity: row.identity, policy: row.policy }
}

/** Keeps the first answer that policy gave and returns it. */
export async function keepPolicy(store: Store, plan: PlanId, answer: PolicyAnswer): Promise<PolicyAnswer> {
  const rows = await sql<{ policy: PolicyAnswer }>`
    update plan set policy = coalesce(policy, ${JSON.stringify(answer)}::jsonb) where id = ${plan} returning policy`.execute(
    store,
  )
  return rows.rows[0]?.policy ?? answer
}

export type Measured = {
  readonly stopped: boolean
  readonly quarantined: boolean
  readonly changesThisHour: number
  /** Seconds since this playbook last changed this host; null when it never did. */
  readonly sinceLastChange: number | null
  /** Seconds since one of the conflicting playbooks last changed this host; null when none ever did. */
  readonly sinceConflict: number | null
  /** Other hosts of the environment that this playbook changed within the last hour. */
  readonly otherHostsThisHour: number
}

type Asked = {
  readonly host: string
  readonly environment: string
  readonly playbook: Pick<Playbook, 'id' | 'conflicts'>
}

/**
 * What policy wants to know of the past, measured at one moment. A switch that can't be read counts as stopped. Runs
 * that were refused before anything started don't count; `except` leaves out the run that asks.
 */
export async function measureForPolicy(
  store: Store,
  { host, environment, playbook }: Asked,
  except: string | null = null,
): Promise<Measured> {
  const rows = await sql<Measured>`
    select
      coalesce((select stopped from kill_switch), true) as stopped,
      exists (select 1 from host_lease where host = ${host} and quarantined_at is not null) as quarantined,
      (select count(*)::integer from run join plan on plan.id = run.plan
        where run.host = ${host} and run.playbook = ${playbook.id} and plan.kind = 'remediate'
          and run.state not in ('planned', 'refused') and run.id is distinct from ${except}
          and run.created_at > now() - interval '1 hour') as "changesThisHour",
      (select extract(epoch from now() - max(coalesce(run.ended_at, run.started_at, run.created_at)))::float8
        from run join plan on plan.id = run.plan
        where run.host = ${host} and run.playbook = ${playbook.id} and plan.kind = 'remediate'
          and run.state not in ('planned', 'refused') and run.id is distinct from ${except}) as "sinceLastChange",
      (select extract(epoch from now() - max(coalesce(ended_at, started_at, created_at)))::float8 from run
        where host = ${host} and playbook = any(${playbook.conflicts}::text[])
          and state not in ('planned', 'refused')) as "sinceConflict",
      (select count(distinct run.host)::integer from run join plan on plan.id = run.plan
        where run.playbook = ${playbook.id} and run.environment = ${environment} and run.host <> ${host}
          and plan.kind = 'remediate' and run.state not in ('planned', 'refused')
          and run.created_at > now() - interval '1 hour') as "otherHostsThisHour"`.execute(store)
  const [row] = rows.rows
  if (row === undefined) throw new Failure({ code: 'store.unavailable', message: 'The measurements gave no answer.' })
  return row
}

/** When a round of evidence was taken, by our clock. */
export async function roundTakenAt(store: Store, incident: IncidentId, round: number): Promise<Date> {
  const row = await store
    .selectFrom('incident_evidence')
    .select((eb) => eb.fn.max('taken_at').as('at'))
    .where('incident', '=', incident)
    .where('round', '=', round)
    .executeTakeFirst()
  return row?.at ?? new Date(0)
}
