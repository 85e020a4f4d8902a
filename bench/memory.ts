// Memory of all our Node processes when nothing happens, and what each incident that waits for a person adds. Counted
// as the kernel does (PSS): what processes share is divided among them.
import { readFileSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { connect, type Client } from '../cli/client.ts'
import type { IncidentList } from '../domain/telling/view.ts'
import { breakHost } from '../lab/oracle.ts'
import { requireState } from '../lab/state.ts'
import { startWorld, type World } from '../lab/world/world.ts'
import { note, print } from './measuring/result.ts'
import { postCrash } from './webhook/alert.ts'

const waiting = Number(process.env['BENCH_WAITING'] ?? 100)
/** Beforehand: what is loaded and compiled for the first incidents is not theirs. */
const before = Math.ceil(waiting / 4)
/** At the same time under way: an alert for each would be a storm's work and not an incident's. */
const together = 5
/** After work, until garbage is gone. */
const quietMilliseconds = Number(process.env['BENCH_QUIET'] ?? 20_000)
const limitMilliseconds = 180_000
const kibibytesPerMebibyte = 1_024

const world = await startWorld({
  hosts: 1,
  monitoring: false,
  log: pino({ level: 'silent' }),
  progress: note,
  change: (config) => ({ ...config, playbooks: { 'service-restart': { lab: 'suggest' } } }),
})
try {
  await bench(world)
} finally {
  await world.stop()
}

async function bench({ lab, supervisor }: World): Promise<void> {
  await sleep(quietMilliseconds)
  const { control = null, hands = null, temporal = null } = supervisor.children()
  // This process is the supervisor, as `millwright up` is, and holds the benchmark besides.
  const ours = [process.pid, control, hands].flatMap((pid) => (pid === null ? [] : [pid]))
  const sum = (): number => ours.reduce((total, pid) => total + kibibytesOf(pid), 0)
  const idle = sum()
  note(`idle: ${ours.map((pid) => Math.round(kibibytesOf(pid) / kibibytesPerMebibyte)).join(' + ')} MiB`)
  const bare = ours.length * (await bareNode())
  const against = `as many Node processes with nothing in them`
  const mebibytes = (kibibytes: number): number => kibibytes / kibibytesPerMebibyte
  print({ name: 'memory idle', value: mebibytes(idle), unit: 'MiB', control: mebibytes(bare), against })

  await breakHost(requireState(lab.name), 'service-crashed', 'web-01')
  const client = connect(supervisor.folder.root)
  await open(client, before)
  await sleep(quietMilliseconds)
  const [first, server] = [sum(), temporal === null ? 0 : kibibytesOf(temporal)]
  await open(client, waiting)
  await sleep(quietMilliseconds)
  const each = (sum() - first) / waiting
  if (temporal !== null) note(`Temporal: ${Math.round((kibibytesOf(temporal) - server) / waiting)} KiB an incident`)
  print({
    name: 'memory per waiting incident',
    value: each,
    unit: 'KiB',
    control: await kibibytesOfIncident(client),
    against: 'the incident itself, as the API writes it',
  })
}

/** Lets so many more incidents come, and waits until each of them waits for a person. */
async function open(client: Client, count: number): Promise<void> {
  const there = await waitingNow(client)
  const deadline = performance.now() + limitMilliseconds
  for (let opened = 0; opened < count; opened += together) {
    const some = Math.min(together, count - opened)
    await Promise.all(Array.from({ length: some }, () => postCrash(world, 'web-01')))
    while ((await waitingNow(client)) < there + opened + some) {
      if (performance.now() > deadline) throw new Error(`Only ${await waitingNow(client)} incidents wait.`)
      await sleep(100)
    }
  }
}

async function waitingNow(client: Client): Promise<number> {
  const { needsYou, left } = await client.get<IncidentList>('/incidents')
  return needsYou.length + left.needsYou
}

async function kibibytesOfIncident(client: Client): Promise<number> {
  return JSON.stringify(await client.get('/incidents/1')).length / 1_024
}

function kibibytesOf(pid: number): number {
  const found = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))
  return Number(found?.[1] ?? Number.NaN)
}

async function bareNode(): Promise<number> {
  const child = spawn(process.execPath, ['--eval', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' })
  await sleep(1_000)
  const kibibytes = kibibytesOf(child.pid ?? 0)
  child.kill()
  return kibibytes
}
