// Is Millwright acting, on what, and does anything of its own need attention?
import { sql } from 'kysely'
import type { InventorySnapshot } from '../../domain/inventory.ts'
import { type Catalogue, modeIn } from '../../domain/playbook.ts'
import type { SystemStatus } from '../../domain/telling/fleet-view.ts'
import type { Config } from '../../runtime/config.ts'
import type { Store } from '../connect.ts'
import { iso, isoOrNull, type Readable } from './incident-row.ts'
import { environmentsOf } from './playbooks.ts'

type Context = Readable & {
  readonly now: Date
  readonly config: Config
  readonly catalogue: Catalogue
  readonly inventory: InventorySnapshot
}

type Counts = { needs: string; working: string }
type Queue = { waiting: string; oldest: Date | null; given_up: string; error: string | null }

/** The one object behind the header, `millwright status` and the health of the pages. */
export async function systemStatus(
  store: Store,
  { now, config, catalogue, inventory, team }: Context,
): Promise<SystemStatus> {
  const own = sql`(${team}::text is null or team = ${team})`
  const ofOwn = sql`(${team}::text is null or incident in (select id from incident where team = ${team}))`
  const [stop, counts, dispatch, outbox] = await Promise.all([
    store.selectFrom('kill_switch').selectAll().executeTakeFirst(),
    sql<Counts>`select
      count(*) filter (where state in ('awaiting-approval', 'handed-over')) as needs,
      count(*) filter (where state not in ('awaiting-approval', 'handed-over')) as working
      from incident where state <> 'closed' and not dry_run and ${own}`.execute(store),
    sql<Queue>`select count(*) as waiting, min(created_at) as oldest, 0 as given_up, max(error) as error
      from dispatch where done_at is null and ${ofOwn}`.execute(store),
    sql<Queue>`select count(*) filter (where given_up_at is null) as waiting, min(created_at) as oldest,
      count(*) filter (where given_up_at is not null) as given_up, max(error) as error
      from outbox where sent_at is null and not (tries = 0 and next_at > now()) and ${ofOwn}`.execute(store),
  ])
  const environments = environmentsOf(inventory, config)
  const [sum] = counts.rows
  const [toTell] = dispatch.rows
  const [toSend] = outbox.rows
  return {
    at: now.toISOString(),
    acting: stop?.stopped === false,
    stopped: stop?.stopped === false ? null : stoppedSays(stop),
    environments,
    timeFactor: config.timeFactor,
    sources: Object.keys(config.sources).length,
    hosts: inventory.hosts.length,
    playbooks: {
      known: catalogue.playbooks.length,
      usable: catalogue.playbooks.filter((playbook) => environments.some((one) => modeIn(playbook, one) !== 'draft'))
        .length,
    },
    incidents: { needsYou: Number(sum?.needs ?? 0), inProgress: Number(sum?.working ?? 0) },
    dispatch: {
      waiting: Number(toTell?.waiting ?? 0),
      oldest: isoOrNull(toTell?.oldest ?? null),
      error: toTell?.error ?? null,
    },
    outbox: {
      waiting: Number(toSend?.waiting ?? 0),
      givenUp: Number(toSend?.given_up ?? 0),
      error: toSend?.error ?? null,
    },
  }
}

type Switch = { readonly by: string; readonly team: string; readonly says: string; readonly at: Date }

/** A switch that can't be read counts as stopped. */
function stoppedSays(stop: Switch | undefined): NonNullable<SystemStatus['stopped']> {
  if (stop === undefined)
    return { by: 'millwright', team: '', says: 'The kill switch can’t be read.', at: new Date(0).toISOString() }
  return { by: stop.by, team: stop.team, says: stop.says, at: iso(stop.at) }
}
