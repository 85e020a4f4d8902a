// The log store that the config names: the first one is asked.
import { z } from 'zod'
import type { Config } from '../runtime/config.ts'
import { checked, importIntegration, ownRoot, type Roots } from './load.ts'
import type { LogLine, LogQuestion, LogStore } from './log-store.ts'

type Secret = (reference: string) => string
const isFunction = (value: unknown) => typeof value === 'function'

const contract = z.object({
  config: z.custom<z.ZodType>((value) => z.object({ safeParse: z.custom(isFunction) }).safeParse(value).success),
  lines: z.custom<LogStore['lines']>(isFunction, 'a function'),
})

export type LoadedLogs = (question: LogQuestion, signal: AbortSignal) => Promise<readonly LogLine[]>

/** Null: there is none. Throws `config.module-broken` naming the folder, `config.invalid` naming the key. */
export async function loadLogs(config: Config, secret: Secret, roots: Roots = [ownRoot]): Promise<LoadedLogs | null> {
  const loaded = Object.entries(config.logs).map(async ([name, { use, ...own }]): Promise<LoadedLogs> => {
    const store = await importIntegration('logs', use, contract, roots)
    const settings = checked(`logs.${name}`, store.config, own)
    return (question, signal) => store.lines(question, settings, { secret, signal })
  })
  return (await Promise.all(loaded))[0] ?? null
}
