// What a person may see: their own team's things; an admin sees every team's.
import type { Context } from 'hono'
import type { InventorySnapshot } from '../domain/inventory.ts'
import { readableTeam } from '../domain/person.ts'
import type { Catalogue } from '../domain/playbook.ts'
import type { Config } from '../runtime/config.ts'
import { type GatewayEnv, person } from './auth.ts'
import type { GatewayDeps } from './deps.ts'

/** What the views are made from; hosts and sources of other teams are not in it. */
export type Sight = {
  readonly now: Date
  /** Null: every team. */
  readonly team: string | null
  readonly config: Config
  readonly catalogue: Catalogue
  readonly inventory: InventorySnapshot
}

export function sightOf(deps: GatewayDeps, c: Context<GatewayEnv>): Sight {
  const team = readableTeam(person(c))
  const { config } = deps
  const all = deps.inventory()
  const rest = { now: deps.now(), team, catalogue: deps.catalogue() }
  if (team === null) return { ...rest, config, inventory: all }
  const sources = Object.fromEntries(Object.entries(config.sources).filter(([, source]) => source.team === team))
  const hosts = all.hosts.filter((host) => host.team === team)
  return { ...rest, config: { ...config, sources }, inventory: { ...all, hosts } }
}
