// Step 8 begins: the evidence pack, what the model may call, and what it works with, written down before anything is
// asked.
import { Failure } from '../domain/failure.ts'
import { type InventoryHost, type InventorySnapshot, readableHosts } from '../domain/inventory.ts'
import type { Harness, Question } from '../domain/model.ts'
import type { Catalogue } from '../domain/playbook.ts'
import type { Policies } from '../policies/evaluate.ts'
import type { Probes } from '../probes/load.ts'
import type { BudgetsConfig, ProfileConfig } from '../runtime/config.ts'
import { digestOf } from '../runtime/digest.ts'
import type { Store } from '../store/connect.ts'
import { readAttempts, readTroubled } from '../store/incident.ts'
import { beginInvestigation, findInvestigation, readExchanges, readInvestigation } from '../store/investigation.ts'
import { readSimilar } from '../store/similar.ts'
import { alertsOf } from '../store/view/parts.ts'
import { toolsOffered } from './investigation/tools-offered.ts'
import { envelopeBytes, firstMessage } from './pack/first-message.ts'
import { systemPrompt } from './pack/system-prompt.ts'
import { limits, withFacts } from './reader/facts.ts'
import { holdsRaw } from './reader/raw-texts.ts'
import { readWholeRound, type Round } from './round.ts'
import type { Begun, ControlActivities } from './types.ts'

export type BeginDeps = {
  readonly store: Store
  readonly catalogue: () => Catalogue
  readonly inventory: () => InventorySnapshot
  readonly policies: () => Policies
  readonly probes: Probes
  readonly config: { readonly profile: ProfileConfig; readonly budgets: BudgetsConfig }
  /** Null: the config names no model that answers. */
  readonly models: {
    readonly planner: { readonly model: string; readonly effort: string | null }
    readonly reader: { readonly model: string } | null
  } | null
  readonly now: () => Date
}

type Input = Parameters<ControlActivities['beginInvestigation']>[0]

/** Asked again for the same transition it answers what stands, whatever the config says by then. */
export function createBeginInvestigation(deps: BeginDeps): ControlActivities['beginInvestigation'] {
  return async (input) => {
    const before = await findInvestigation(deps.store, input.incident, input.sequence)
    if (before !== null) return begun(deps, input.incident, before)
    const { models } = deps
    if (models === null) {
      return {
        kind: 'no-model',
        says: 'No known fault fits what was measured, and no model is configured that could look further.',
      }
    }
    const whole = await readWholeRound(deps, input.incident, input.round)
    const { host } = whole.scope
    const readable = readableHosts(host, deps.inventory().hosts, await readTroubled(deps.store))
    const tools = toolsOffered({ probes: deps.probes, profile: deps.config.profile, hosts: readable })
    const head = { system: systemPrompt, tools }
    const text = await packOf(deps, { input, whole, readable, head, reader: models.reader !== null })
    const number = await beginInvestigation(deps.store, {
      incident: input.incident,
      sequence: input.sequence,
      team: host.team,
      environment: host.environment,
      service: serviceOf(whole),
      harness: harnessOf(deps, head, models),
      head,
      first: { role: 'user', text },
    })
    return begun(deps, input.incident, number)
  }
}

async function begun(deps: BeginDeps, incident: string, number: number): Promise<Begun> {
  const { head, harness } = await readInvestigation(deps.store, { incident, number })
  const [first] = await readExchanges(deps.store, { incident, number, turn: 1 })
  if (first === undefined)
    throw new Failure({ code: 'bug', message: `Investigation ${number} of ${incident} says nothing.` })
  const unread = holdsRaw(first.message)
  // The planner is sent facts in the place of raw text.
  const planned = withFacts(first.message, null)
  return {
    kind: 'begun',
    investigation: number,
    turns: harness.turns,
    model: harness.model,
    harness: digestOf(harness),
    bytes:
      Buffer.byteLength(JSON.stringify({ ...head, messages: [planned] })) + envelopeBytes + (unread ? limits.shown : 0),
    unread,
  }
}

type Packing = {
  readonly input: Input
  readonly whole: Round
  readonly readable: readonly InventoryHost[]
  readonly head: Pick<Question, 'system' | 'tools'>
  readonly reader: boolean
}

async function packOf(deps: BeginDeps, { input, whole, readable, head, reader }: Packing): Promise<string> {
  const { store, config } = deps
  const { host } = whole.scope
  const tried = [...new Set(await readAttempts(store, { host: host.id, identity: whole.incident.identity }))]
  const role = deps.inventory().hosts.flatMap((one) => (one.role === host.role ? one.id : []))
  const [alerts, similar] = await Promise.all([
    alertsOf(store, input.incident),
    readSimilar(store, { incident: input.incident, hosts: role }),
  ])
  return firstMessage({
    alerts: alerts.listed.filter(({ status }) => status === 'firing'),
    alertsLeft: alerts.left,
    scope: whole.scope,
    round: input.round,
    evidence: whole.evidence,
    similar,
    playbooks: deps.catalogue().playbooks,
    tried,
    profile: config.profile,
    readable,
    turns: config.budgets.turns,
    reader,
    now: deps.now().toISOString(),
    head,
  })
}

/** What the budget of a service counts. */
function serviceOf({ scope: { host, subjects } }: Round): string {
  const [first] = subjects
  return first === undefined ? host.id : `${host.id}/${first.name}`
}

function harnessOf(
  deps: BeginDeps,
  { system, tools }: Pick<Question, 'system' | 'tools'>,
  { planner: { model, effort }, reader }: NonNullable<BeginDeps['models']>,
): Harness {
  return {
    prompt: digestOf(system),
    tools: digestOf(tools),
    probes: deps.probes.schema.digest,
    catalogue: deps.catalogue().digest,
    policies: deps.policies().digest,
    model,
    effort,
    reader: reader?.model ?? null,
    turns: deps.config.budgets.turns,
  }
}
