// What the model server counted, as shares and as dollars at the provider's list prices.
import type { Usage } from '../../domain/model.ts'
import { dollarsOf } from '../../domain/price.ts'
import { dollars as inDollars } from '../../domain/text.ts'
import { priceOf, pricedModels } from '../../integrations/models/anthropic/prices.ts'
import type { Recorded } from '../../lab/model-server/record.ts'

/** What each tier is asked with where nothing else is said. */
const usual = { planner: 'claude-sonnet-5-5', reader: 'claude-haiku-5-5' } as const

/** A reader is given no tools. */
export const isPlanner = ({ body }: Recorded): boolean => body.includes('"tools":[{')

export const wholeOf = ({ body }: Recorded): number => Buffer.byteLength(body)

/** Of one request of the planner after its first: what was read from the cache, and what had been sent before. */
export function cachedShare(request: Recorded, at: number, all: readonly Recorded[]) {
  const before = all.slice(0, at).findLast(isPlanner)
  const { usage } = request
  const sent = before?.usage ?? null
  if (usage === null || sent === null || !isPlanner(request)) return []
  const input = inputOf(usage)
  return [{ cached: usage.cacheRead / input, possible: inputOf(sent) / input }]
}

const inputOf = ({ input, cacheRead, cacheWrite }: Usage): number => input + cacheRead + cacheWrite

export function costOf(requests: readonly Recorded[]) {
  const tiers = [
    { tier: 'planner', usages: usagesOf(requests.filter(isPlanner)) },
    { tier: 'reader', usages: usagesOf(requests.filter((one) => !isPlanner(one))) },
  ] as const
  const at = (model: string, usages: readonly Usage[]): number => {
    const price = priceOf(model)
    if (price === null) throw new Error(`${model} is not on the list`)
    return usages.reduce((sum, usage) => sum + dollarsOf(price, usage), 0)
  }
  const lines = tiers.map(({ tier, usages }) => {
    const sum = (of: (usage: Usage) => number): number => usages.reduce((all, usage) => all + of(usage), 0)
    const counted = `${usages.length} calls, ${sum(inputOf)} tokens in (${sum((one) => one.cacheRead)} cached), ${sum((one) => one.output)} out`
    return `${tier}: ${counted}: ${pricedModels.map((model) => `${model} ${inDollars(at(model, usages))}`).join(', ')}`
  })
  const total = (models: Readonly<Record<'planner' | 'reader', string>>): number =>
    tiers.reduce((sum, { tier, usages }) => sum + at(models[tier], usages), 0)
  const dearest = Math.max(...pricedModels.map((model) => total({ planner: model, reader: model })))
  return { lines, dollars: total(usual), dearest }
}

function usagesOf(requests: readonly Recorded[]): readonly Usage[] {
  return requests.flatMap(({ usage }) => (usage === null ? [] : [usage]))
}
