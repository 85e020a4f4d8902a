// What the supervisor and its processes say to each other over descriptor 3: nothing of it stands in argv or
// environment.
import { z } from 'zod'
import { Config } from './config.ts'

/** The descriptor in the child. */
export const handOverDescriptor = 3

/** One secret: its value, or why it can't be had. */
const Secret = z.union([z.strictObject({ value: z.string() }), z.strictObject({ problem: z.string() })])

/** First and only line from the supervisor. When the descriptor closes afterwards, the supervisor is gone. */
export const HandOver = z.strictObject({
  name: z.string(),
  /** Absolute paths of modules that export `start`, started in this order, stopped in reverse. */
  modules: z.array(z.string()).min(1),
  config: Config,
  databaseUrl: z.string(),
  temporal: z.strictObject({ address: z.string(), namespace: z.string() }),
  privateDir: z.string(),
  /** By reference; a reference that is not in here belongs to another process. */
  secrets: z.record(z.string(), Secret),
})
export type HandOver = z.infer<typeof HandOver>

/** Lines from a process. */
export const Report = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('running'), says: z.array(z.string()), tells: z.record(z.string(), z.string()) }),
  z.strictObject({ kind: z.literal('failed'), code: z.string(), message: z.string(), hint: z.string().nullable() }),
])
export type Report = z.infer<typeof Report>
