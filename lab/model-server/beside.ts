// The model server beside a Millwright: the part of its config that names it, with the key in a file.
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ModelServer, type ModelServerOptions, startModelServer } from './server.ts'

/** Listed, so that what it would have cost can be said; the server's caches are as large as this model's. */
const model = 'claude-sonnet-5-5'

export type Beside = {
  readonly server: ModelServer
  /** `models` of the config. */
  readonly models: Readonly<Record<string, unknown>>
}

export type BesideOptions = ModelServerOptions & {
  /** Where the key's file goes: a folder that ends with Millwright. */
  readonly folder: string
  /** Whether raw text is read by a reader first. */
  readonly reader?: boolean
}

export async function startModelBeside({ folder, reader = true, ...options }: BesideOptions): Promise<Beside> {
  const server = await startModelServer(options)
  const file = join(folder, 'model.key')
  await writeFile(file, `sk-lab-${randomBytes(24).toString('hex')}`, { mode: 0o600 })
  const tier = { use: 'anthropic', model, key: `file:${file}`, url: server.url }
  return { server, models: { planner: tier, ...(reader ? { reader: tier } : {}) } }
}
