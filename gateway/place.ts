// Where and when people see us: the address of the pages and the time zone of the day.
import type { Config } from '../runtime/config.ts'

/** Absolute address of the pages, without a slash at its end. */
export function publicUrl(config: Config): string {
  const { address, port } = config.listen
  const host = address.includes(':') ? `[${address}]` : address
  return (config.url ?? `http://${host}:${port}`).replace(/\/+$/, '')
}

/** IANA time zone that people read times in: the one that all environments share, else UTC. */
export function zoneOf(config: Config): string {
  const zones = new Set(Object.values(config.environments).map((environment) => environment.timezone))
  const [only] = zones
  return zones.size === 1 && only !== undefined ? only : 'UTC'
}
