// A lab with Millwright running beside it, as a team would have it: inventory and config written, Alertmanager
// connected.
import { randomBytes } from 'node:crypto'
import { chmod, lstat, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Logger } from 'pino'
import { stringify } from 'yaml'
import { isAlive } from '../../runtime/child.ts'
import { readConfig } from '../../runtime/config.ts'
import { freePort } from '../../runtime/embedded-temporal.ts'
import { type Supervisor, startSupervisor } from '../../runtime/supervisor.ts'
import type { Progress } from '../base.ts'
import { type Beside, type BesideOptions, startModelBeside } from '../model-server/beside.ts'
import type { ModelServer } from '../model-server/server.ts'
import { type Lab, startLab } from '../up.ts'

/** Their names go on with the process that owns them. */
const foldersBegin = '/tmp/millwright-lab-'

export type World = {
  readonly lab: Lab
  readonly supervisor: Supervisor
  /** The config that gives Millwright every right it has here. */
  readonly configPath: string
  /** Token, config and data; removed by `stop`. */
  readonly folder: string
  /** The file with what Alertmanager shows to the gateway. */
  readonly bearerFile: string
  /** Null: no model is configured. */
  readonly model: ModelServer | null
  /** Takes everything down and leaves nothing behind. */
  readonly stop: () => Promise<void>
}

export type Values = Readonly<Record<string, unknown>>

export type WorldOptions = {
  readonly hosts: number
  /** Without it no alert comes by itself, and no rule can be asked. */
  readonly monitoring?: boolean
  /** A scripted model is asked about faults that nobody knows. */
  readonly model?: Omit<BesideOptions, 'folder'>
  readonly log: Logger
  readonly progress: Progress
  /** Changes the config before it is written. */
  readonly change?: (config: Values) => Values
  /** Ends the start before its next step. */
  readonly ended?: AbortSignal
}

/** Throws the first fault, after taking down what was there by then. */
export async function startWorld(options: WorldOptions): Promise<World> {
  await removeStale()
  const folder = await mkdtemp(`${foldersBegin}${process.pid}-`)
  const ends: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })]
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).toReversed()) await end()
  }
  try {
    // The database's own account passes through to its folder in here.
    await chmod(folder, 0o711)
    return { ...(await startIn(folder, options, ends)), folder, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Folders of worlds that were killed: the kernel has ended their processes, the lab its hosts; this is the rest. */
async function removeStale(): Promise<void> {
  const parent = dirname(foldersBegin)
  for (const name of await readdir(parent)) {
    const pid = Number(new RegExp(`^${basename(foldersBegin)}(\\d+)-`).exec(name)?.[1])
    if (Number.isNaN(pid) || isAlive(pid)) continue
    const found = await lstat(join(parent, name)).catch(() => null)
    // Anybody may make such a name in there.
    if (found?.isDirectory() !== true || found.uid !== process.getuid?.()) continue
    await rm(join(parent, name), { recursive: true, force: true })
  }
}

type Started = Omit<World, 'folder' | 'stop'>

async function startIn(folder: string, options: WorldOptions, ends: (() => Promise<void>)[]): Promise<Started> {
  const { hosts, log, progress, ended, monitoring = true, change = (config) => config } = options
  const port = await freePort()
  const bearerFile = join(folder, 'webhook.token')
  await writeFile(bearerFile, randomBytes(24).toString('hex'), { mode: 0o600 })
  const webhook = { url: `http://127.0.0.1:${port}/hooks/v1/lab`, bearerFile }
  const lab = await startLab({ hosts, monitoring, webhook, progress })
  ends.push(lab.stop)
  ended?.throwIfAborted()
  const beside = options.model === undefined ? null : await startModelBeside({ ...options.model, folder })
  if (beside !== null) ends.push(beside.server.stop)
  const configPath = join(folder, 'millwright.yaml')
  const config = change(labConfig({ lab, bearerFile, port, beside }))
  await writeFile(configPath, stringify(config, { aliasDuplicateObjects: false }))
  progress('millwright: starting the database, Temporal and the processes')
  const supervisor = await startSupervisor({
    dataDir: join(folder, 'data'),
    config: readConfig(configPath),
    log,
    ended,
  })
  ends.push(supervisor.stop)
  return { lab, supervisor, configPath, bearerFile, model: beside?.server ?? null }
}

type Places = {
  readonly lab: Lab
  readonly bearerFile: string
  readonly port: number
  /** Null: no model is configured. */
  readonly beside?: Beside | null
}

/** The config that gives Millwright every right that it needs in a lab. */
export function labConfig({ lab, bearerFile, port, beside = null }: Places): Values {
  const { monitor } = lab
  return {
    listen: { address: '127.0.0.1', port },
    environments: { lab: { timezone: 'UTC' } },
    sources: {
      lab: {
        use: 'alertmanager',
        bearer: `file:${bearerFile}`,
        environment: 'lab',
        ...(monitor === undefined ? {} : { metrics: 'lab' }),
        targets: [{ host: 'instance', unit: 'name', mount: 'mountpoint' }],
      },
    },
    metrics: monitor === undefined ? {} : { lab: { use: 'prometheus', url: monitor.prometheusUrl } },
    inventory: { use: 'yaml', file: lab.inventoryPath },
    ...(beside === null ? {} : { models: beside.models }),
    notifiers: monitor === undefined ? {} : { lab: { use: 'alertmanager', url: monitor.alertmanagerUrl } },
    ssh: {
      readKey: `file:${lab.readKeyPath}`,
      certificateAuthority: `file:${lab.authorityKeyPath}`,
      sourceAddress: lab.sourceAddress,
    },
    playbooks: { 'service-restart': { lab: 'auto' }, 'disk-space-reclaim': { lab: 'suggest' } },
    timeFactor: lab.durationFactor,
    // Fifteen minutes for a person also here, where every other duration is divided.
    approvalSeconds: 900 * lab.durationFactor,
  }
}
