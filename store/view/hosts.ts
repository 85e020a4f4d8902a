// The inventory's hosts with what is going on there.
import { type Selectable, sql } from 'kysely'
import type { InventoryHost, InventorySnapshot } from '../../domain/inventory.ts'
import type { HostView, QuarantineView } from '../../domain/telling/fleet-view.ts'
import type { Store } from '../connect.ts'
import { readQuarantine } from '../quarantine.ts'
import type { Database } from '../schema.ts'
import { iso, isoOrNull, type Readable, shortMoments, toRow } from './incident-row.ts'

const needing: ReadonlySet<string> = new Set(['awaiting-approval', 'handed-over'])

type Context = Readable & { readonly now: Date; readonly inventory: InventorySnapshot }
type Seen = { readonly host: string; readonly at: Date }

/** Every host of the inventory. */
export async function hostList(store: Store, { now, inventory, team }: Context): Promise<readonly HostView[]> {
  const [leases, open, seen] = await Promise.all([
    store.selectFrom('host_lease').selectAll().execute(),
    store
      .selectFrom('incident')
      .selectAll()
      .where('state', '<>', 'closed')
      .where('host', 'is not', null)
      .where('dry_run', '=', false)
      .$if(team !== null, (all) => all.where('team', '=', team ?? ''))
      .limit(500)
      .execute(),
    sql<Seen>`select host, max(taken_at) as at from incident_evidence group by host`.execute(store),
  ])
  const moments = await shortMoments(
    store,
    open.map((one) => one.id),
  )
  return inventory.hosts.map((host): HostView => ({
    ...declared(host),
    ...leaseSays(
      leases.find((one) => one.host === host.id),
      now,
    ),
    openIncidents: open
      .filter((one) => one.host === host.id)
      .map((one) => toRow(one, moments.get(one.id) ?? [], now))
      .map(({ number, title, state }) => ({ number, title, needsYou: needing.has(state) })),
    lastSeenAt: isoOrNull(seen.rows.find((one) => one.host === host.id)?.at ?? null),
  }))
}

/** Null: the host may be changed, as far as policy lets it. */
export async function quarantineView(store: Store, host: string): Promise<QuarantineView | null> {
  const found = await readQuarantine(store, host)
  return found === null ? null : { ...found, at: iso(found.at) }
}

type Lease = Selectable<Database['host_lease']>

function leaseSays(lease: Lease | undefined, now: Date): Pick<HostView, 'busyWith' | 'lastChangeAt' | 'quarantined'> {
  if (lease === undefined) return { busyWith: null, lastChangeAt: null, quarantined: null }
  const held = lease.until !== null && lease.until > now
  const { quarantined_at: at, quarantined_because: because, quarantined_by: by } = lease
  return {
    busyWith: held ? lease.run : null,
    lastChangeAt: isoOrNull(lease.last_change_at),
    quarantined: at === null ? null : { at: iso(at), because: because ?? 'no reason recorded', by: by ?? 'millwright' },
  }
}

type Declared = Omit<HostView, 'openIncidents' | 'lastSeenAt' | 'lastChangeAt' | 'busyWith' | 'quarantined'>

function declared(host: InventoryHost): Declared {
  const { id, name, address, port, role, team, environment, zone } = host
  return {
    id,
    name,
    address,
    port,
    role,
    team,
    environment,
    zone,
    keys: host.hostKeys.length,
    units: host.units.map((unit) => unit.name),
    mounts: host.mounts.map((mount) => mount.path),
    endpoints: host.endpoints.map((endpoint) => endpoint.url),
  }
}
