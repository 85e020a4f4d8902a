// Finds integrations by the names in the config, and imports only those. A folder in `integrations/<kind>/<name>/` is
// all it takes.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { Failure } from '../domain/failure.ts'
import type { HistoryQuestion, RuleHistory } from '../domain/history.ts'
import { type InventorySnapshot, zonesOf } from '../domain/inventory.ts'
import type { Price, Question, Reply } from '../domain/model.ts'
import type { RuleAnswer } from '../domain/run.ts'
import type { Config, TargetRule } from '../runtime/config.ts'
import { digestOf } from '../runtime/digest.ts'
import type { RefusedAttempt } from '../runtime/egress.ts'
import { complaint } from '../runtime/unknown-key.ts'
import { conflictIn } from './inventory-host.ts'
import type { Inventory } from './inventory.ts'
import type { MetricQuestion, Metrics, MetricSeries, RuleQuestion } from './metrics.ts'
import type { Model } from './model.ts'
import type { Delivered, Notification, Notifier } from './notifier.ts'
import type { AlertSource, ParsedDelivery, RawRequest, Verification } from './source.ts'

type Secret = (reference: string) => string

/** A configured source: its block is checked and bound. */
export type LoadedSource = {
  readonly name: string
  readonly use: string
  readonly team: string
  readonly environment: string
  readonly targets: readonly TargetRule[]
  readonly metrics: string | null
  readonly verify: (request: RawRequest, secret: Secret) => Verification
  readonly parse: (body: unknown) => ParsedDelivery
}

export type LoadedNotifier = {
  readonly name: string
  readonly notify: (notification: Notification, tools: { secret: Secret; signal: AbortSignal }) => Promise<Delivered>
}

export type LoadedMetrics = {
  readonly name: string
  readonly ruleState: (question: RuleQuestion, signal: AbortSignal) => Promise<RuleAnswer>
  readonly ruleHistory: (question: HistoryQuestion, signal: AbortSignal) => Promise<RuleHistory | null>
  /** Null: it can't be asked any other query. */
  readonly series: ((question: MetricQuestion, signal: AbortSignal) => Promise<readonly MetricSeries[]>) | null
}

/** A model of the config. Asking it reaches its own address and nothing else. */
export type LoadedModel = {
  readonly use: string
  /** The provider's name for it. */
  readonly model: string
  readonly effort: string | null
  readonly address: string
  readonly price: Price
  /** As `Model.ask`. `heard`: for each piece of the answer; `refused`: for each attempt to reach anything else. */
  readonly ask: (
    question: Question,
    tools: {
      readonly signal: AbortSignal
      readonly heard: () => void
      readonly refused: (attempt: RefusedAttempt) => void
    },
  ) => Promise<Reply>
}

export type LoadedModels = {
  readonly planner: LoadedModel
  /** Null: raw text goes unread. */
  readonly reader: LoadedModel | null
}

/** Bytes of an answer, framing and all, beyond those for each token that it may have. */
const shortestAnswer = 256 * 1024
const bytesPerToken = 1_024

/** Where folders are looked for, in order: `<root>/<kind>/<name>/index.ts`. */
export type Roots = readonly string[]

export const ownRoot = import.meta.dirname

const isFunction = (value: unknown) => typeof value === 'function'
const schema = z.custom<z.ZodType>(
  (value) => z.object({ safeParse: z.custom(isFunction) }).safeParse(value).success,
  'a zod schema',
)

const contracts = {
  sources: z.object({
    config: schema,
    verify: z.custom<AlertSource['verify']>(isFunction, 'a function'),
    parse: z.custom<AlertSource['parse']>(isFunction, 'a function'),
  }),
  notifiers: z.object({ config: schema, notify: z.custom<Notifier['notify']>(isFunction, 'a function') }),
  inventories: z.object({ config: schema, load: z.custom<Inventory['load']>(isFunction, 'a function') }),
  metrics: z.object({
    config: schema,
    ruleState: z.custom<Metrics['ruleState']>(isFunction, 'a function'),
    ruleHistory: z.custom<NonNullable<Metrics['ruleHistory']>>(isFunction, 'a function').optional(),
    series: z.custom<NonNullable<Metrics['series']>>(isFunction, 'a function').optional(),
  }),
  models: z.object({
    config: schema,
    model: z.custom<Model['model']>(isFunction, 'a function'),
    effort: z.custom<Model['effort']>(isFunction, 'a function'),
    address: z.custom<Model['address']>(isFunction, 'a function'),
    price: z.custom<Model['price']>(isFunction, 'a function'),
    ask: z.custom<Model['ask']>(isFunction, 'a function'),
  }),
} as const

/** Every source of the config. Throws `config.module-broken` naming the folder, `config.invalid` naming the key. */
export async function loadSources(
  config: Config,
  roots: Roots = [ownRoot],
): Promise<ReadonlyMap<string, LoadedSource>> {
  const loaded = Object.entries(config.sources).map(async ([name, block]) => {
    const { use, team, environment, targets, metrics, ...own } = block
    const source = await importIntegration('sources', use, contracts.sources, roots)
    const settings = checked(`sources.${name}`, source.config, own)
    return {
      name,
      use,
      team,
      environment,
      targets,
      metrics: metrics ?? null,
      verify: (request: RawRequest, secret: Secret) => source.verify(request, settings, secret),
      parse: (body: unknown) => source.parse(body, settings),
    }
  })
  return byName(await Promise.all(loaded))
}

/** Every notifier of the config. Throws as `loadSources` does. */
export async function loadNotifiers(
  config: Config,
  roots: Roots = [ownRoot],
): Promise<ReadonlyMap<string, LoadedNotifier>> {
  const loaded = Object.entries(config.notifiers).map(async ([name, { use, ...own }]) => {
    const notifier = await importIntegration('notifiers', use, contracts.notifiers, roots)
    const settings = checked(`notifiers.${name}`, notifier.config, own)
    const notify: LoadedNotifier['notify'] = (notification, tools) => notifier.notify(notification, settings, tools)
    return { name, notify }
  })
  return byName(await Promise.all(loaded))
}

/**
 * Reads the config's inventory anew; empty when there is none. Throws as `loadSources` does, and `config.invalid`
 * naming the host.
 */
export async function loadInventory(config: Config, roots: Roots = [ownRoot]): Promise<InventorySnapshot> {
  if (config.inventory === undefined) return { digest: digestOf([]), hosts: [] }
  const { use, ...own } = config.inventory
  const inventory = await importIntegration('inventories', use, contracts.inventories, roots)
  const hosts = await inventory.load(checked('inventory', inventory.config, own))
  const conflict = conflictIn(hosts)
  if (conflict === null) return { digest: digestOf(hosts), hosts }
  throw new Failure({ code: 'config.invalid', message: `The inventory: ${conflict}.`, hint: 'Correct the inventory.' })
}

/**
 * Reads the inventory while workers of the first one's zones run; null: none run yet. Throws what `loadInventory`
 * throws, and `config.invalid` for a host that none of them would reach.
 */
export async function reloadInventory(config: Config, first: InventorySnapshot | null): Promise<InventorySnapshot> {
  const fresh = await loadInventory(config)
  const zones = zonesOf(first ?? fresh)
  const stranger = fresh.hosts.find((host) => !zones.includes(host.zone))
  if (stranger === undefined) return fresh
  throw new Failure({
    code: 'config.invalid',
    message: `The inventory: no worker of zone ${stranger.zone} runs for the host ${stranger.id}. Start Millwright again.`,
    hint: 'Or give the host a zone that was there when Millwright started.',
  })
}

/** Every metric store of the config, with its secrets at hand. Throws as `loadSources` does. */
export async function loadMetrics(
  config: Config,
  secret: Secret,
  roots: Roots = [ownRoot],
): Promise<ReadonlyMap<string, LoadedMetrics>> {
  const loaded = Object.entries(config.metrics).map(async ([name, { use, ...own }]) => {
    const metrics = await importIntegration('metrics', use, contracts.metrics, roots)
    const settings = checked(`metrics.${name}`, metrics.config, own)
    const ruleState: LoadedMetrics['ruleState'] = (question, signal) =>
      metrics.ruleState(question, settings, { secret, signal })
    const ruleHistory: LoadedMetrics['ruleHistory'] = async (question, signal) =>
      (await metrics.ruleHistory?.(question, settings, { secret, signal })) ?? null
    const { series } = metrics
    const asked: LoadedMetrics['series'] =
      series === undefined ? null : (question, signal) => series(question, settings, { secret, signal })
    return { name, ruleState, ruleHistory, series: asked }
  })
  return byName(await Promise.all(loaded))
}

/**
 * The models of the config; null: nobody is asked. Secrets are read when one is asked. Throws as `loadSources` does.
 */
export async function loadModels(
  config: Config,
  secret: Secret,
  roots: Roots = [ownRoot],
): Promise<LoadedModels | null> {
  const { planner, reader } = config.models ?? {}
  const [plans, reads] = await Promise.all([
    planner === undefined ? null : loadModel('models.planner', planner, secret, roots),
    reader === undefined ? null : loadModel('models.reader', reader, secret, roots),
  ])
  return plans === null ? null : { planner: plans, reader: reads }
}

async function loadModel(
  where: string,
  { use, ...own }: NonNullable<Config['models']>['planner'],
  secret: Secret,
  roots: Roots,
): Promise<LoadedModel | null> {
  const model = await importIntegration('models', use, contracts.models, roots)
  const settings = checked(where, model.config, own)
  const address = model.address(settings)
  if (address === null) return null
  const ask: LoadedModel['ask'] = async (question, { signal, heard, refused }) => {
    // Read in only where somebody is asked.
    const { guardedFetch } = await import('../runtime/egress.ts')
    const largestAnswer = shortestAnswer + question.maximumOutput * bytesPerToken
    const fetch = guardedFetch({ allowed: [address], largestAnswer, heard, refused })
    return model.ask(question, settings, { secret, signal, fetch })
  }
  const [price, effort] = [model.price(settings), model.effort(settings)]
  return { use, model: model.model(settings), effort, address, price, ask }
}

/** Imports one folder and checks what it exports as default. Throws `config.invalid` and `config.module-broken`. */
export async function importIntegration<Contract>(
  kind: keyof typeof contracts | 'logs',
  use: string,
  contract: z.ZodType<Contract>,
  roots: Roots,
): Promise<Contract> {
  const file = roots.map((root) => join(root, kind, use, 'index.ts')).find((path) => existsSync(path))
  if (file === undefined) {
    throw new Failure({
      code: 'config.invalid',
      message: `The config uses ${kind}/${use}, and there is no folder integrations/${kind}/${use} with an index.ts.`,
      hint: `Correct the name behind \`use:\`, or add that folder.`,
    })
  }
  const module: unknown = await import(pathToFileURL(file).href).catch((cause: unknown) => {
    throw broken(kind, use, 'it can not be imported', cause)
  })
  const definition = typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined
  const parsed = contract.safeParse(definition)
  if (!parsed.success) throw broken(kind, use, z.prettifyError(parsed.error), parsed.error)
  return parsed.data
}

/** A block of the config, as its integration wants it. Throws `config.invalid` naming the key. */
export function checked(where: string, config: z.ZodType, block: unknown): unknown {
  const parsed = config.safeParse(block)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const says = issue === undefined ? 'not valid' : complaint(config, issue)
  const key = [...where.split('.'), ...(issue?.path ?? []).map(String)]
  throw new Failure({
    code: 'config.invalid',
    message: `${key.join('.')}: ${says}`,
    hint: 'Correct that key of the config, then check it with: npx millwright config validate FILE',
    key,
    cause: parsed.error,
  })
}

function byName<Item extends { readonly name: string }>(items: readonly Item[]): ReadonlyMap<string, Item> {
  return new Map(items.map((item) => [item.name, item]))
}

/** Where a kind's contract stands. */
function contractOf(kind: string): string {
  if (kind === 'logs') return 'log-store'
  return kind === 'metrics' ? kind : kind.replace(/ies$/, 'y').replace(/s$/, '')
}

function broken(kind: string, use: string, detail: string, cause: unknown): Failure {
  return new Failure({
    code: 'config.module-broken',
    message: `The folder integrations/${kind}/${use} does not keep its contract: ${detail}`,
    hint: `Its index.ts exports as default what integrations/${contractOf(kind)}.ts asks for.`,
    cause,
  })
}
