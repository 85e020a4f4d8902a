// The workers that reach hosts, one per zone of the inventory. This process holds the SSH keys and no model key.
import { Worker, type NativeConnection } from '@temporalio/worker'
import { createAskHost } from '../activities/ask-host.ts'
import { type AskStores, createAskStores } from '../activities/ask-stores.ts'
import type { RuleOf } from '../activities/ask-rules.ts'
import { createDecideAgain } from '../activities/decide-again.ts'
import { createHandsActivities } from '../activities/index.ts'
import type { HandsActivities } from '../activities/types.ts'
import { Failure } from '../domain/failure.ts'
import { zonesOf } from '../domain/inventory.ts'
import { loadLogs } from '../integrations/load-logs.ts'
import { loadMetrics } from '../integrations/load.ts'
import { launchSpawned } from '../runtime/ansible/launch-spawned.ts'
import { createWarmLauncher } from '../runtime/ansible/launch-warm.ts'
import type { Launch } from '../runtime/ansible/launcher.ts'
import { createCertificateDoor } from '../runtime/certificate-door.ts'
import type { Config } from '../runtime/config.ts'
import { dataConverterOf } from '../runtime/payload-codec.ts'
import type { ProcessContext, StartProcess } from '../runtime/process.ts'
import { startTelemetry } from '../runtime/telemetry.ts'
import { redactText } from '../runtime/redaction.ts'
import { openReadConnections, type ReadConnections } from '../runtime/ssh.ts'
import { createTurns } from '../runtime/turns.ts'
import { connectStore, type Store } from '../store/connect.ts'
import { handsQueue } from '../workflows/messages.ts'
import { openEarly } from './early.ts'
import { failureInterceptor } from './failures.ts'
import { forgedInterceptor } from './forged.ts'
import { heartbeatInterceptor } from './heartbeats.ts'
import { connectTemporal, handsOptions, installRuntime, runWorkers } from './temporal.ts'
import { traceInterceptor, tracedAskHost, tracedLaunch } from './trace.ts'
import { loadWorld, ownPlaybooks, type World } from './world.ts'

/** Of all zones at the same time: each is a process with Ansible in it. */
const maximumRuns = 40
/** For a turn. It counts as part of the activity, whose time has to be enough for the longest run after it. */
const longestTurnMilliseconds = 60_000

export const start: StartProcess = async (context) => {
  const { config, databaseUrl, temporal, log } = context
  installRuntime(log)
  const telemetry = await startTelemetry(config, 'hands')
  const world = await loadWorld(context)
  const store = connectStore(databaseUrl)
  const ssh = readConnections(context)
  const connection = await connectTemporal(temporal)
  // Without the authority's key nothing is ever carried out, and no parent has to stand by.
  const warm = config.ssh?.certificateAuthority === undefined ? null : createWarmLauncher(context.privateDir)
  const launch = warm?.launch ?? launchSpawned
  const activities = await handsOf(context, { store, ssh, world, launch })
  const zones = zonesOf(world.inventory())
  const workers = await Promise.all(zones.map((zone) => workerOf(context, { zone, activities, connection })))
  const early = openEarly({ store, databaseUrl, inventory: world.inventory, open: ssh.open })
  const close = async (): Promise<void> => {
    await early.stop()
    world.end()
    ssh.close()
    warm?.end()
    await Promise.all([connection.close(), store.destroy(), telemetry.end()])
  }
  const says =
    config.ssh === undefined ? 'hands without an SSH key: no host is reached' : `hands in ${zones.join(', ')}`
  return runWorkers(workers, { log, says, close })
}

type ZoneParts = {
  readonly zone: string
  readonly activities: HandsActivities
  readonly connection: NativeConnection
}

function workerOf(context: ProcessContext, { zone, activities, connection }: ZoneParts): Promise<Worker> {
  return Worker.create({
    ...handsOptions,
    connection,
    namespace: context.temporal.namespace,
    dataConverter: dataConverterOf(context),
    taskQueue: handsQueue(zone),
    identity: `hands ${zone} ${process.pid}`,
    activities,
    interceptors: {
      activity: [
        () => ({ inbound: forgedInterceptor() }),
        () => ({ inbound: traceInterceptor() }),
        () => ({ inbound: failureInterceptor(redactText) }),
        () => ({ inbound: heartbeatInterceptor() }),
      ],
    },
  })
}

type HandsParts = {
  readonly store: Store
  readonly ssh: ReadConnections
  readonly world: World
  readonly launch: Launch
}

async function handsOf(context: ProcessContext, { store, ssh, world, launch }: HandsParts): Promise<HandsActivities> {
  const { config, privateDir, log, secret } = context
  const now = (): Date => new Date()
  const askHost = tracedAskHost(createAskHost({ probes: world.probes, ssh, now }))
  const door = createCertificateDoor({
    authority: () => secret(authorityOf(config)),
    sourceAddress: config.ssh?.sourceAddress ?? null,
    measure: askHost,
  })
  const activities = createHandsActivities({
    ...world,
    store,
    config,
    askHost,
    measure: askHost,
    ruleOf: await ruleOf(context),
    metrics: { ask: await storesOf(context, now), queries: Object.keys(config.profile.metrics) },
    decideAgain: createDecideAgain({ ...world, store, config, now }),
    playbooksDir: ownPlaybooks,
    door,
    launch: tracedLaunch(launch),
    privateDir,
    log,
    now,
  })
  return { ...activities, runPlaybook: inTurn((input) => activities.runPlaybook(input)) }
}

/** A run whose turn does not come has not begun, and is refused as such. */
function inTurn(run: HandsActivities['runPlaybook']): HandsActivities['runPlaybook'] {
  const turns = createTurns(maximumRuns)
  return async (input) => {
    if (!(await turns.take(longestTurnMilliseconds))) {
      throw new Failure({ code: 'run.refused', message: `${maximumRuns} other runs are under way.` })
    }
    try {
      return await run(input)
    } finally {
      turns.giveBack()
    }
  }
}

/** The first store of each kind is asked. */
async function storesOf({ config, secret }: ProcessContext, now: () => Date): Promise<AskStores> {
  const [metrics, logs] = await Promise.all([loadMetrics(config, secret), loadLogs(config, secret)])
  const [first] = metrics.values()
  return createAskStores({ profile: config.profile, metrics: first?.series ?? null, logs, now })
}

/** The metric store that the config names for a source. */
async function ruleOf({ config, secret }: ProcessContext): Promise<RuleOf> {
  const stores = await loadMetrics(config, secret)
  return async (source, question, signal) => {
    const name = config.sources[source]?.metrics
    const metrics = name === undefined ? undefined : stores.get(name)
    return metrics === undefined ? { state: 'none', windowSeconds: 0 } : metrics.ruleState(question, signal)
  }
}

/** Without a key in the config every exchange is refused, naming the line that is missing. */
function readConnections({ config, secret }: ProcessContext): ReadConnections {
  if (config.ssh !== undefined) return openReadConnections({ privateKey: secret(config.ssh.readKey) })
  const nothing = (): void => undefined
  return { exchange: () => Promise.reject(noKey('ssh.readKey')), open: nothing, close: nothing }
}

function authorityOf({ ssh }: Config): string {
  if (ssh?.certificateAuthority === undefined) throw noKey('ssh.certificateAuthority')
  return ssh.certificateAuthority
}

function noKey(line: string): Failure {
  return new Failure({
    code: 'config.missing',
    message: `The config has no ${line}, so no host is reached.`,
    hint: `Add it to the config: ${line}: file:/path/to/the/key`,
  })
}
