// Alert sources with their last deliveries.
import { sql } from 'kysely'
import type { DeliveryView, SourceView } from '../../domain/telling/fleet-view.ts'
import type { Config } from '../../runtime/config.ts'
import type { Store } from '../connect.ts'
import { startOfDay } from './day.ts'
import { iso, type Readable } from './incident-row.ts'

/** How many deliveries one list holds. */
export const deliveryLimit = 50

type Context = Readable & {
  readonly now: Date
  /** Holds only the sources that may be read. */
  readonly config: Config
  readonly url: string
  readonly zone?: string
}

/** Every source of the config with its newest deliveries. */
export async function sourceList(
  store: Store,
  { now, config, url, zone = 'UTC', team }: Context,
): Promise<readonly SourceView[]> {
  const today = startOfDay(now, zone)
  const counted = await store
    .selectFrom('delivery')
    .select(['source', ({ fn }) => fn.countAll<string>().as('total')])
    .where('received_at', '>=', today)
    .groupBy('source')
    .execute()
  const sources = Object.entries(config.sources).map(async ([name, source]): Promise<SourceView> => ({
    name,
    use: source.use,
    team: source.team,
    environment: source.environment,
    url: `${url}/hooks/v1/${name}`,
    metrics: source.metrics ?? null,
    today: Number(counted.find((row) => row.source === name)?.total ?? 0),
    deliveries: await deliveries(store, { source: name, limit: 10, team }),
  }))
  return Promise.all(sources)
}

type Wanted = Readable & { readonly source?: string | undefined; readonly limit?: number }

/** The newest deliveries, of one source or of all. */
export async function deliveries(
  store: Store,
  { source, limit = deliveryLimit, team }: Wanted,
): Promise<readonly DeliveryView[]> {
  let query = store.selectFrom('delivery').select(['id', 'source', 'received_at', 'result', 'says', 'truncated_alerts'])
  if (source !== undefined) query = query.where('source', '=', source)
  if (team !== null) query = query.where('team', '=', team)
  const rows = await query.orderBy('received_at', 'desc').limit(limit).execute()
  const ids = rows.map((row) => row.id)
  const [incidents, alerts] = await Promise.all([incidentsOf(store, ids), alertsOf(store, ids)])
  return rows.map((row) => ({
    id: row.id,
    source: row.source,
    receivedAt: iso(row.received_at),
    result: row.result,
    says: row.says,
    truncatedAlerts: row.truncated_alerts,
    incidents: incidents.get(row.id) ?? [],
    alerts: alerts.get(row.id) ?? [],
  }))
}

async function incidentsOf(store: Store, ids: readonly string[]): Promise<ReadonlyMap<string, readonly number[]>> {
  if (ids.length === 0) return new Map()
  const rows = await store
    .selectFrom('alert')
    .innerJoin('incident', 'incident.id', 'alert.incident')
    .select(['alert.delivery', 'incident.number'])
    .distinct()
    .where('alert.delivery', 'in', ids)
    .orderBy('incident.number')
    .execute()
  const grouped = Map.groupBy(rows, (row) => row.delivery)
  return new Map([...grouped].map(([id, all]) => [id, all.map((row) => Number(row.number))]))
}

/** How many alerts of one delivery are shown. */
const alertsShown = 5

type ShownAlert = DeliveryView['alerts'][number]

async function alertsOf(store: Store, ids: readonly string[]): Promise<ReadonlyMap<string, readonly ShownAlert[]>> {
  if (ids.length === 0) return new Map()
  const { rows } = await sql<ShownAlert & { delivery: string }>`
    select delivery, name, labels from (
      select delivery, name, labels, row_number() over (partition by delivery order by id) as at
      from alert where delivery = any(${ids})) numbered
    where at <= ${alertsShown} order by delivery, at`.execute(store)
  const grouped = Map.groupBy(rows, (row) => row.delivery)
  return new Map([...grouped].map(([id, all]) => [id, all.map(({ name, labels }) => ({ name, labels }))]))
}
