// The whole road with the real activities and the real store; only the host is on paper. One fault per incident, by an
// inbound interceptor.
import { Context } from '@temporalio/activity'
import { ApplicationFailure } from '@temporalio/common'
import type { Client } from '@temporalio/client'
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker'
import { pino, type Logger } from 'pino'
import { createDecideAgain } from '../../activities/decide-again.ts'
import { createControlActivities, createHandsActivities } from '../../activities/index.ts'
import { createMindActivities } from '../../activities/mind/index.ts'
import type { ControlActivities, HandsActivities, MindActivities } from '../../activities/types.ts'
import { loadCatalogue } from '../../catalogue/load.ts'
import type { InventoryHost } from '../../domain/inventory.ts'
import { type LoadedModel, loadModels } from '../../integrations/load.ts'
import { loadPolicies } from '../../policies/evaluate.ts'
import type { Question } from '../../domain/model.ts'
import { loadProbes } from '../../probes/load.ts'
import { digestOf } from '../../runtime/digest.ts'
import { type Config, emptyConfig } from '../../runtime/config.ts'
import { redactText } from '../../runtime/redaction.ts'
import { readSecret } from '../../runtime/secrets.ts'
import type { Store } from '../../store/connect.ts'
import { createSignalHost } from '../../workers/signal-host.ts'
import type { PaperHosts } from '../support/paper-host.ts'

export type Activity = keyof ControlActivities | keyof HandsActivities | keyof MindActivities

export type Fault = 'twice' | 'fails once' | 'fails once after its effect' | 'fails for good'

/** What shall happen to which activities of whom: an incident's id or a host's. */
export type Faults = (whom: string) => Readonly<Partial<Record<string, Fault>>>

export function paperHost(id: string): InventoryHost {
  return {
    id,
    name: id,
    address: '127.0.0.1',
    port: 9,
    hostKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHUm6dyTqYfQrSkJfTjDQZ3Vq0C6C2CC2Qb8gWqGk1vN'],
    team: 'default',
    environment: 'lab',
    role: 'web',
    zone: 'paper',
    units: [{ name: 'nginx.service', configs: ['nginx'], ports: [80] }],
    endpoints: [{ id: 'home', url: `http://${id}/`, port: 80, path: '/', unit: 'nginx.service' }],
    mounts: [],
    dependsOn: [],
  }
}

export type Road = {
  readonly control: ControlActivities
  readonly hands: HandsActivities
  readonly mind: MindActivities
}

type RoadParts = {
  readonly store: Store
  readonly hosts: PaperHosts
  readonly inventory: readonly InventoryHost[]
  readonly playbooksDir: string
  readonly privateDir: string
  readonly client: () => Client
  readonly log?: Logger
  /** `models` of the config; absent: nobody is asked. */
  readonly models?: Config['models']
  /** Called when a piece of an answer has come; by whom it was asked. */
  readonly heard?: (activity: keyof MindActivities) => void
}

export async function road(parts: RoadParts): Promise<Road> {
  const { store, hosts, playbooksDir, privateDir, client } = parts
  const probes = await loadProbes()
  const catalogue = await loadCatalogue({ dir: playbooksDir, modes: { 'service-restart': { lab: 'auto' } } })
  const policies = loadPolicies()
  const inventory = { digest: digestOf(parts.inventory), hosts: parts.inventory }
  const config: Config = { ...emptyConfig, timeFactor: 60, approvalSeconds: 36_000, models: parts.models }
  const models = await loadModels(config, readSecret)
  const common = {
    store,
    probes,
    catalogue: () => catalogue,
    policies: () => policies,
    inventory: () => inventory,
    config,
    now: () => new Date(),
  }
  const control = createControlActivities({
    ...common,
    models,
    notifiers: ['page'],
    url: 'http://127.0.0.1',
    redact: redactText,
    signalHost: createSignalHost(client, { workflowTaskTimeout: '2 seconds' }),
  })
  const hands = createHandsActivities({
    ...common,
    askHost: hosts.askHost,
    measure: hosts.askHost,
    ruleOf: async () => ({ state: 'none', windowSeconds: 0 }),
    decideAgain: createDecideAgain(common),
    playbooksDir,
    door: hosts.door,
    launch: hosts.launch,
    privateDir,
    log: parts.log ?? pino({ enabled: false }),
  })
  const { heard = () => undefined } = parts
  const mind = createMindActivities({
    store,
    budgets: config.budgets,
    models: {
      planner: asked(models?.planner ?? null, () => heard('askModel')),
      reader: asked(models?.reader ?? null, () => heard('readText')),
    },
  })
  return { control, hands, mind }
}

function asked(model: LoadedModel | null, heard: () => void) {
  if (model === null) return null
  const ask = (question: Question, signal: AbortSignal) =>
    model.ask(question, { signal, heard, refused: () => undefined })
  return { ...model, ask }
}

/** Injects each fault at the border of the activity that it names; `seen` hears of every execution. */
export function faultInterceptor(faults: Faults, seen: (activity: string) => void = () => undefined) {
  const failed = new Map<string, number>()
  const inbound: ActivityInboundCallsInterceptor = {
    execute: async (input, next) => {
      const { activityType, workflowExecution } = Context.current().info
      seen(activityType)
      const whom = (workflowExecution?.workflowId ?? '').replace(/^(incident|host)\//, '')
      const fault = faults(whom)[activityType]
      const key = `${whom} ${activityType}`
      const times = failed.get(key) ?? 0
      switch (fault) {
        case 'twice':
          await next(input)
          return next(input)
        case 'fails once':
          failed.set(key, times + 1)
          if (times === 0) throw new Error('it failed once')
          return next(input)
        case 'fails once after its effect': {
          failed.set(key, times + 1)
          const answer = await next(input)
          if (times === 0) throw new Error('its answer was lost')
          return answer
        }
        case 'fails for good':
          failed.set(key, times + 1)
          // What is tried without end is not for good: the database comes back.
          if ((activityType === 'record' || activityType === 'readStory') && times >= 5) return next(input)
          throw ApplicationFailure.create({
            message: 'it fails for good',
            nonRetryable: activityType !== 'record' && activityType !== 'readStory',
          })
        case undefined:
          break
      }
      return next(input)
    },
  }
  return () => ({ inbound })
}
