// What files say, as loaded at one moment. SIGHUP loads all of it anew; when anything is wrong, all stays as it was.
import type { Logger } from 'pino'
import type { Digest } from '../domain/ids.ts'

type Loaded = Readonly<Record<string, { readonly digest: Digest }>>

/**
 * Loads, and keeps an ear on SIGHUP. `load` is given what was loaded first, null at that time. Throws what it throws;
 * after the first time that is only logged.
 */
export async function reloading<Files extends Loaded>(
  load: (first: Files | null) => Promise<Files>,
  log: Logger,
): Promise<{ readonly now: () => Files; readonly stop: () => void }> {
  const first = await load(null)
  let current = first
  const reload = (): void => {
    load(first).then(
      (files) => {
        current = files
        const digests = Object.fromEntries(Object.entries(files).map(([name, { digest }]) => [name, digest]))
        log.info(digests, 'Inventory, catalogue and policies are loaded anew.')
      },
      (error: unknown) => log.error({ error }, 'Nothing was loaded anew; what was known before still counts.'),
    )
  }
  process.on('SIGHUP', reload)
  return { now: () => current, stop: () => void process.off('SIGHUP', reload) }
}
