// Inventories: one folder each in `integrations/inventories/`. What an inventory does not declare can't be looked at or
// acted on.
import type { z } from 'zod'
import type { InventoryHost } from '../domain/inventory.ts'

export type Inventory<Config = unknown> = {
  readonly config: z.ZodType<Config>
  /** Reads everything anew. Throws `config.invalid` naming file, line or host and what was expected. */
  readonly load: (config: Config) => Promise<readonly InventoryHost[]>
}
