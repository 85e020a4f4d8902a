// Hears what PostgreSQL notifies, over a connection of its own that is made anew whenever it is lost.
import pg from 'pg'
import { startWorkLoop } from '../runtime/work-loop.ts'

export type Listening = { readonly stop: () => Promise<void> }

const againMilliseconds = 1_000

/**
 * Calls `heard` for each notification, and once whenever the connection is made: what was missed meanwhile is looked
 * for by whoever listens. Never throws.
 */
export function listen(
  url: string,
  channels: readonly string[],
  heard: (channel: string, payload: string) => void,
): Listening {
  let current: pg.Client | null = null
  const loop = startWorkLoop({
    idle: 0,
    pause: againMilliseconds,
    failed: () => undefined,
    work: async (signal) => {
      const client = new pg.Client({
        connectionString: url,
        connectionTimeoutMillis: 5_000,
        application_name: 'millwright listen',
      })
      const lost = new Promise<void>((resolve) => {
        client.once('error', () => resolve())
        client.once('end', () => resolve())
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
      try {
        current = client
        client.on('notification', ({ channel, payload }) => heard(channel, payload ?? ''))
        await client.connect()
        for (const channel of channels) await client.query(`listen ${client.escapeIdentifier(channel)}`)
        for (const channel of channels) heard(channel, '')
        await lost
      } finally {
        await client.end().catch(() => undefined)
      }
      if (!signal.aborted) throw new Error('the connection was lost')
      return false
    },
  })
  return {
    stop: async () => {
      await Promise.all([loop.stop(), current?.end().catch(() => undefined)])
    },
  }
}
