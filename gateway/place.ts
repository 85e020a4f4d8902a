// When people see us: the time zone of the day.
import type { Config } from '../runtime/config.ts'

/** IANA time zone that people read times in: the one that all environments share, else UTC. */
export function zoneOf(config: Config): string {
  const zones = new Set(Object.values(config.environments).map((environment) => environment.timezone))
  const [only] = zones
  return zones.size === 1 && only !== undefined ? only : 'UTC'
}
