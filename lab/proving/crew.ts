// Millwright as people start it, in a process of its own: what runs in it is seen, killed and started again from
// outside.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, connect } from '../../cli/client.ts'
import { Failure } from '../../domain/failure.ts'
import { type Child, startChild, stopChild } from '../../runtime/child.ts'
import { type DataFolder, dataFolder, endLeftOvers, readState } from '../../runtime/data-folder.ts'
import { passedEnvironment } from '../../runtime/secrets.ts'
import { connectStore, type Store } from '../../store/connect.ts'

const entry = join(import.meta.dirname, '..', '..', 'cli', 'main.ts')
const readyMilliseconds = 120_000
const stopSeconds = 45
const pollMilliseconds = 50

export type Crew = {
  readonly folder: DataFolder
  /** Reads Millwright's own record from outside. */
  readonly store: Store
  readonly client: () => Client
  /** The ids of one of its processes, here and now; empty when there is none. */
  readonly pids: (name: Member) => readonly number[]
  /** Resolves when all of it answers; starts it again when its supervisor is gone. */
  readonly ready: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** All that can be killed. `ansible` and `connection` live only while a run is carried out. */
export const victims = ['hands', 'control', 'supervisor', 'ansible', 'connection', 'temporal', 'postgres'] as const
/** `mind` lives only where a model is configured. */
export type Member = (typeof victims)[number] | 'mind'

export type CrewOptions = {
  readonly data: string
  /** Null: without a config. */
  readonly config: string | null
}

/** Starts `millwright up` and waits until it answers. */
export async function startCrew(options: CrewOptions): Promise<Crew> {
  const folder = dataFolder(options.data)
  const store = connectStore(`postgresql://millwright@/millwright?host=${encodeURIComponent(folder.postgresSocket)}`)
  let child = await startUp(options)
  let ended = watched(child)
  const crew: Crew = {
    folder,
    store,
    client: () => connect(folder.root),
    pids: (name) => (name === 'supervisor' ? [child.pid] : pidsOf(folder, name)),
    ready: async () => {
      const until = performance.now() + readyMilliseconds
      while (performance.now() < until) {
        if (ended()) {
          child = await startUp(options)
          ended = watched(child)
        }
        if (await answers(folder, child.pid)) return
        await sleep(pollMilliseconds)
      }
      throw new Failure({ code: 'upstream.unavailable', message: 'Millwright did not come up.', hint: logOf(options) })
    },
    stop: async () => {
      await store.destroy()
      await stopChild(child, 'SIGTERM', stopSeconds)
      await endLeftOvers(folder)
    },
  }
  try {
    await crew.ready()
    return crew
  } catch (error) {
    await crew.stop()
    throw error
  }
}

const logOf = ({ data }: CrewOptions): string => `${data}.log`

function startUp(options: CrewOptions): Promise<Child> {
  const config = options.config === null ? [] : ['--config', options.config]
  return startChild({
    program: process.execPath,
    args: [entry, 'up', '--data', options.data, ...config],
    env: passedEnvironment(),
    cwd: '/',
    logFile: logOf(options),
    deathSignal: 'TERM',
    account: null,
    handOver: false,
  })
}

function watched(child: Child): () => boolean {
  let over = false
  void child.exited.then(() => (over = true))
  return () => over
}

async function answers(folder: DataFolder, supervisor: number): Promise<boolean> {
  const state = readState(folder)
  if (state?.supervisor.pid !== supervisor) return false
  if (!['control', 'hands'].every((name) => state.children.some((one) => one.name === name))) return false
  try {
    await connect(folder.root).get('/status')
    return true
  } catch {
    // Not yet: it is asked again until the time is over.
    return false
  }
}

function pidsOf(folder: DataFolder, name: Exclude<Member, 'supervisor'>): readonly number[] {
  if (name !== 'ansible' && name !== 'connection') {
    return (readState(folder)?.children ?? []).flatMap((one) => (one.name === name ? [one.pid] : []))
  }
  const runs = join(folder.privateOf('hands'), 'runs')
  const program = name === 'ansible' ? /python[\d.]*$/ : /ssh$/
  return processes().flatMap(({ pid, folder: place, command }) =>
    place.startsWith(runs) && program.test(command) ? [pid] : [],
  )
}

type Seen = { readonly pid: number; readonly folder: string; readonly command: string }

function processes(): readonly Seen[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const [command = ''] = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0')
      return [{ pid: Number(name), folder: readlinkSync(`/proc/${name}/cwd`), command }]
    } catch {
      // It ended while we looked.
      return []
    }
  })
}
