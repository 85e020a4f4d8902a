// Labels → targets, by the source's rules against the inventory and nothing else: no text can widen what is acted on.
import type { Labels } from '../domain/alert.ts'
import type { InventoryHost, InventorySnapshot, Subject } from '../domain/inventory.ts'
import { ruleFor } from '../domain/target-rule.ts'
import type { TargetRule } from '../runtime/config.ts'

export type Target = { readonly host: InventoryHost | null; readonly subjects: readonly Subject[] }

export type TargetIndex = {
  /** Only hosts of `team` are found. A name that two of them have finds neither. */
  readonly resolve: (labels: Labels, rules: readonly TargetRule[], team: string) => Target
}

type Found = { readonly host: InventoryHost; readonly endpoint: string | null }
/** Null: two hosts have that name, so it names none. */
type Names = Map<string, Found | null>

const nothing: Target = { host: null, subjects: [] }

const indexes = new WeakMap<InventorySnapshot, TargetIndex>()

/** The index of an inventory, made at its first use. */
export function targetIndex(inventory: InventorySnapshot): TargetIndex {
  const made = indexes.get(inventory) ?? indexTargets(inventory)
  indexes.set(inventory, made)
  return made
}

/** Made once per loaded inventory; a look-up is a few hash look-ups, however many hosts there are. */
function indexTargets(inventory: InventorySnapshot): TargetIndex {
  const teams = new Map<string, Names>()
  for (const host of inventory.hosts) {
    const names = teams.get(host.team) ?? new Map<string, Found | null>()
    teams.set(host.team, names)
    const found = { host, endpoint: null }
    for (const name of new Set([host.id, host.name, host.address])) add(names, name, found)
    for (const { id, url } of host.endpoints) add(names, endpointKey(url), { host, endpoint: id })
  }
  return { resolve: (labels, rules, team) => resolve(labels, rules, teams.get(team)) }
}

function add(names: Names, key: string, found: Found): void {
  const there = names.get(key)
  names.set(key, there === undefined || there?.host === found.host ? found : null)
}

function resolve(labels: Labels, rules: readonly TargetRule[], names: Names | undefined): Target {
  const rule = ruleFor(labels, rules)
  const text = rule === undefined ? undefined : labels[rule.host]
  if (rule === undefined || text === undefined || names === undefined) return nothing
  const found = names.get(text) ?? names.get(endpointKey(text)) ?? names.get(withoutPort(text))
  if (found === undefined || found === null) return nothing
  const { host, endpoint } = found
  return {
    host,
    subjects: [
      ...(endpoint === null ? [] : [{ kind: 'endpoint' as const, name: endpoint }]),
      ...named(host, rule, labels),
    ],
  }
}

function named(host: InventoryHost, rule: TargetRule, labels: Labels): readonly Subject[] {
  const unitText = rule.unit === undefined ? undefined : labels[rule.unit]
  const mountText = rule.mount === undefined ? undefined : labels[rule.mount]
  const unit = host.units.find(({ name }) => name === unitText)
  const mount = host.mounts.find(({ path }) => path === mountText)
  return [
    ...(unit === undefined ? [] : [{ kind: 'unit' as const, name: unit.name }]),
    ...(mount === undefined ? [] : [{ kind: 'mount' as const, name: mount.id }]),
  ]
}

/** Monitoring writes the same address with and without the last slash. */
function endpointKey(url: string): string {
  return url.endsWith('/') ? url.slice(0, -1) : url
}

function withoutPort(text: string): string {
  const [, bracketed, plain] = /^(?:\[([^\]]+)\]|([^:[\]]+)):\d{1,5}$/.exec(text) ?? []
  return bracketed ?? plain ?? text
}
