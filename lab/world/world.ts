// A lab with Millwright running on it, as a team would have it: hosts onboarded, inventory and config written, Alertmanager connected.
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { stringify } from 'yaml'
import { readConfig } from '../../runtime/config.ts'
import { freePort } from '../../runtime/embedded-temporal.ts'
import { type Supervisor, startSupervisor } from '../../runtime/supervisor.ts'
import type { Progress } from '../base.ts'
import { gatewayAddress } from '../network.ts'
import { requireState } from '../state.ts'
import { type Lab, startLab } from '../up.ts'
import { inventoryEntry } from './describe.ts'
import { type Keys, makeKeys } from './keys.ts'
import { onboard } from './onboard.ts'

/** Millwright takes no YAML aliases. */
const plain = { aliasDuplicateObjects: false } as const

export type World = {
  readonly lab: Lab
  readonly supervisor: Supervisor
  /** The config that gives Millwright every right it has here. */
  readonly configPath: string
  /** Keys, inventory, config and data; removed by `stop`. */
  readonly folder: string
  readonly keys: Keys
  /** Takes everything down and leaves nothing behind. */
  readonly stop: () => Promise<void>
}

export type WorldOptions = {
  readonly hosts: number
  readonly log: Logger
  readonly progress: Progress
  /** Laid over the config before it is written. */
  readonly change?: (config: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>
}

/** Throws the first fault, after taking down what was there by then. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const folder = await mkdtemp('/tmp/millwright-lab-')
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

type Started = Pick<World, 'lab' | 'supervisor' | 'configPath' | 'keys'>

async function startIn(folder: string, options: WorldOptions, ends: (() => Promise<void>)[]): Promise<Started> {
  const { hosts, log, progress, change = (config) => config } = options
  const [keys, port] = await Promise.all([makeKeys(folder), freePort()])
  progress(`lab: booting ${hosts} web hosts and mon-01, real Debian machines`)
  const webhook = { url: `http://127.0.0.1:${port}/hooks/v1/lab`, bearerFile: keys.bearer }
  const lab = await startLab({ hosts, webhook, progress })
  ends.push(lab.stop)
  const inventory = join(folder, 'inventory.yaml')
  const entries = lab.hosts.filter(({ role }) => role === 'web').map(inventoryEntry)
  await writeFile(inventory, stringify({ hosts: entries }, plain))
  const configPath = join(folder, 'millwright.yaml')
  await writeFile(configPath, stringify(change(configOf({ lab, keys, port, inventory })), plain))
  progress('lab: onboarding the hosts with playbooks/onboard-host, and starting Millwright')
  const [onboarded, supervisor] = [onboard(lab, keys, folder), up(join(folder, 'data'), configPath, log, ends)]
  // Both have to be through before either's fault takes everything down.
  await Promise.allSettled([onboarded, supervisor])
  await onboarded
  return { lab, supervisor: await supervisor, configPath, keys }
}

async function up(
  dataDir: string,
  configPath: string,
  log: Logger,
  ends: (() => Promise<void>)[],
): Promise<Supervisor> {
  const supervisor = await startSupervisor({ dataDir, config: readConfig(configPath), log })
  ends.push(supervisor.stop)
  return supervisor
}

type Places = { readonly lab: Lab; readonly keys: Keys; readonly port: number; readonly inventory: string }

function configOf({ lab, keys, port, inventory }: Places): Readonly<Record<string, unknown>> {
  const { monitor } = lab
  return {
    listen: { address: '127.0.0.1', port },
    environments: { lab: { timezone: 'UTC' } },
    sources: {
      lab: {
        use: 'alertmanager',
        bearer: `file:${keys.bearer}`,
        environment: 'lab',
        metrics: 'lab',
        targets: [{ host: 'instance', unit: 'name', mount: 'mountpoint' }],
      },
    },
    metrics: monitor === undefined ? {} : { lab: { use: 'prometheus', url: monitor.prometheusUrl } },
    inventory: { use: 'yaml', file: inventory },
    notifiers: monitor === undefined ? {} : { lab: { use: 'alertmanager', url: monitor.alertmanagerUrl } },
    ssh: {
      readKey: `file:${keys.read}`,
      certificateAuthority: `file:${keys.authority}`,
      sourceAddress: gatewayAddress(requireState(lab.name).subnet),
    },
    playbooks: { 'service-restart': { lab: 'auto' }, 'disk-space-reclaim': { lab: 'suggest' } },
    timeFactor: lab.durationFactor,
    // Fifteen minutes for a person also here, where every other duration is divided.
    approvalSeconds: 900 * lab.durationFactor,
  }
}
