// A config in which nothing but code's own judgement holds a model back.
import { join } from 'node:path'
import { entryNames } from '../../catalogue/entry.ts'
import type { Values } from '../world/world.ts'
import type { Budget } from './persona-ledger.ts'

/** So slowly do settling and soaking go by that a busy machine is no reason for a failed repair. */
const timeFactor = 12
const approvalSeconds = 60
const playbooksFolder = join(import.meta.dirname, '..', '..', 'playbooks')

/** Every playbook may act alone: what holds a model back is nothing but that nobody knows its fault. */
export function everythingAlone({ turns, ...incident }: Budget): (config: Values) => Values {
  const playbooks = Object.fromEntries(entryNames(playbooksFolder).map((id) => [id, { lab: 'auto' }]))
  const budgets = { turns, incident }
  return (config) => ({ ...config, playbooks, budgets, timeFactor, approvalSeconds: approvalSeconds * timeFactor })
}
