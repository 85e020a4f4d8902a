// What every part of the gateway is given. Nothing in here reaches a host or a model.
import type { Client } from '@temporalio/client'
import type { Logger } from 'pino'
import type { InventorySnapshot } from '../domain/inventory.ts'
import type { Catalogue } from '../domain/playbook.ts'
import type { Policies } from '../policies/evaluate.ts'
import type { Config } from '../runtime/config.ts'
import type { History } from './history.ts'
import type { Store } from '../store/connect.ts'

export type GatewayDeps = {
  readonly store: Store
  readonly config: Config
  /** Current ones; replaced as a whole on SIGHUP. */
  readonly catalogue: () => Catalogue
  readonly inventory: () => InventorySnapshot
  readonly policies: () => Policies
  /** Connects on first use; throws `upstream.unavailable` while Temporal is down. */
  readonly temporal: () => Promise<Client>
  /** How an alert's expression moved; without it pages have no charts. */
  readonly history?: History
  readonly secret: (reference: string) => string
  readonly now: () => Date
  readonly log: Logger
}
