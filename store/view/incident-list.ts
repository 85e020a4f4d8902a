// The incident list: whether a person is needed comes first.
import { sql } from 'kysely'
import type { IncidentState } from '../../domain/incident.ts'
import type { Counters, IncidentList, IncidentRow } from '../../domain/telling/view.ts'
import { count } from '../../domain/text.ts'
import type { Store } from '../connect.ts'
import { startOfDay } from './day.ts'
import { type Readable, shortMoments, type StoredIncident, toRow } from './incident-row.ts'
import { recordOf, runRecords } from './record.ts'

/** How many incidents of one group are listed unless more are asked for; a page has room for these. */
const listLimit = 25

type Options = Readable & {
  readonly now: Date
  /** IANA time zone whose day is "today"; UTC when not given. */
  readonly zone?: string
  /** Only incidents of one state; `open` stands for all but closed. `closed` lists all of them, not only today's. */
  readonly state?: IncidentState | 'open' | undefined
  /** How many of each group. */
  readonly limit?: number
}

const waitingStates = ['awaiting-approval', 'handed-over'] as const
const workingStates = ['open', 'investigating', 'remediating', 'verifying'] as const

/** Everything the incident list shows. */
export async function incidentList(
  store: Store,
  { now, zone = 'UTC', state, limit = listLimit, team }: Options,
): Promise<IncidentList> {
  const today = startOfDay(now, zone)
  const [waiting, working, done, counters, open] = await Promise.all([
    group(store, wanted(waitingStates, state), { limit, team }),
    group(store, wanted(workingStates, state), { limit, team }),
    group(store, wanted(['closed'], state), state === 'closed' ? { limit, team } : { limit, team, since: today }),
    countersOf(store, { now, team }, today),
    openCounts(store, team),
  ])
  const all = [...waiting.rows, ...working.rows, ...done.rows]
  const moments = await shortMoments(
    store,
    all.map((row) => row.id),
  )
  const rows = ({ rows: stored }: Group): readonly IncidentRow[] =>
    stored.map((row) => toRow(row, moments.get(row.id) ?? [], now))
  const needsYou = rows(waiting).toSorted(byUrgency)
  return {
    at: now.toISOString(),
    ...headline(open.needed, open.working),
    counters,
    needsYou,
    inProgress: rows(working),
    closed: rows(done),
    left: { needsYou: waiting.left, inProgress: working.left, closed: done.left },
  }
}

function wanted(states: readonly IncidentState[], only: Options['state']): readonly IncidentState[] {
  if (only === 'open') return states.filter((state) => state !== 'closed')
  return only === undefined ? states : states.filter((state) => state === only)
}

type Group = { readonly rows: readonly StoredIncident[]; readonly left: number }

async function group(
  store: Store,
  states: readonly IncidentState[],
  { limit, since, team }: Readable & { readonly limit: number; readonly since?: Date },
): Promise<Group> {
  if (states.length === 0) return { rows: [], left: 0 }
  let query = store.selectFrom('incident').where('state', 'in', states)
  if (since !== undefined) query = query.where('closed_at', '>=', since)
  if (team !== null) query = query.where('team', '=', team)
  const [rows, { total }] = await Promise.all([
    query.selectAll().orderBy('updated_at', 'desc').limit(limit).execute(),
    query.select(({ fn }) => fn.countAll<string>().as('total')).executeTakeFirstOrThrow(),
  ])
  return { rows, left: Number(total) - rows.length }
}

/** Counted apart from what is listed: a list of one state must not say that nothing needs anybody. */
async function openCounts(
  store: Store,
  team: string | null,
): Promise<{ readonly needed: number; readonly working: number }> {
  const rows = await store
    .selectFrom('incident')
    .$if(team !== null, (all) => all.where('team', '=', team ?? ''))
    .select(['state', ({ fn }) => fn.countAll<string>().as('total')])
    .where('state', '<>', 'closed')
    .where('dry_run', '=', false)
    .groupBy('state')
    .execute()
  const sum = (states: readonly IncidentState[]): number =>
    rows.filter((row) => states.includes(row.state)).reduce((total, row) => total + Number(row.total), 0)
  return { needed: sum(waitingStates), working: sum(workingStates) }
}

/** Decisions first, the one that expires soonest on top; then what waits longest. */
function byUrgency(a: IncidentRow, b: IncidentRow): number {
  if (a.expiresAt !== null && b.expiresAt !== null) return a.expiresAt < b.expiresAt ? -1 : 1
  if (a.expiresAt !== null || b.expiresAt !== null) return a.expiresAt === null ? 1 : -1
  return a.openedAt < b.openedAt ? -1 : 1
}

function headline(needed: number, working: number): { readonly headline: string; readonly says: string } {
  if (needed > 0) {
    const who = needed === 1 ? 'One incident needs you' : `${count(needed, 'incident')} need you`
    return { headline: who, says: 'Everything else is being handled, or has been.' }
  }
  if (working === 0) return { headline: 'Nothing needs you', says: 'No incident is open.' }
  const what = working === 1 ? 'One incident is' : `${count(working, 'incident')} are`
  return { headline: 'Nothing needs you', says: `${what} being handled.` }
}

type Counted = { alerts: string; incidents: string; repaired: string; handed: string }

async function countersOf(
  store: Store,
  { now, team }: Readable & { readonly now: Date },
  today: Date,
): Promise<Counters> {
  const own = sql`(not i.dry_run and (${team}::text is null or i.team = ${team}))`
  const counted = sql<Counted>`select
    (select count(*) from alert a join incident i on i.id = a.incident
      where a.received_at >= ${today} and a.status = 'firing' and ${own}) as alerts,
    (select count(*) from incident i where opened_at >= ${today} and ${own}) as incidents,
    (select count(*) from incident i where state = 'closed' and closed_at >= ${today} and closed_reason = 'recovered'
      and ${own}) as repaired,
    (select count(distinct t.incident) from timeline t join incident i on i.id = t.incident
      where i.updated_at >= ${today} and t.at >= ${today} and t.entry ->> 'kind' = 'handed-over' and ${own}) as handed`
  const [{ rows }, runs] = await Promise.all([counted.execute(store), runRecords(store, { now, team })])
  const [row] = rows
  const record = recordOf(runs)
  return {
    alertsToday: Number(row?.alerts ?? 0),
    incidentsToday: Number(row?.incidents ?? 0),
    repairedToday: Number(row?.repaired ?? 0),
    handedOverToday: Number(row?.handed ?? 0),
    wrongChanges: record.wrong,
    runs: record.runs,
  }
}
