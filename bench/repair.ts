// A crashed service from the webhook to the moments when it is up and when its recovery is measured, beside a bare
// `ansible-playbook` that only runs the same play. Seen from outside: a GET on the host's page each few milliseconds.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { connect, type Client } from '../cli/client.ts'
import type { IncidentList, IncidentView } from '../domain/telling/view.ts'
import { plainText } from '../domain/telling/words.ts'
import { breakHost } from '../lab/oracle.ts'
import { requireState } from '../lab/state.ts'
import { startWorld } from '../lab/world/world.ts'
import { barePlays } from './ansible/bare.ts'
import { median, note, print, timed } from './measuring/result.ts'
import { postCrash } from './webhook/alert.ts'

const hosts = Number(process.env['BENCH_HOSTS'] ?? 3)
/** On each host; policy allows two changes an hour there. */
const runsPerHost = Number(process.env['BENCH_ROUNDS'] ?? 2)
const lookMilliseconds = 5
const limitMilliseconds = 60_000
/** After the service is up, so that looking does not slow down what is looked at. */
const pollMilliseconds = 500
const play = join(import.meta.dirname, '..', 'playbooks', 'service-restart', 'playbook.yml')
const unit = 'nginx.service'

type Repair = { readonly firstProbe: number; readonly serviceUp: number; readonly recovered: number }

const world = await startWorld({
  hosts,
  monitoring: false,
  log: pino({ level: 'silent' }),
  progress: note,
})
const bare = barePlays(world.lab)
try {
  await bench()
} finally {
  bare.end()
  await world.stop()
}

async function bench(): Promise<void> {
  const client = connect(world.supervisor.folder.root)
  const state = requireState(world.lab.name)
  const rounds = Array.from({ length: runsPerHost }, () => world.lab.hosts).flat()
  const ours: Repair[] = []
  const controls: Bare[] = []
  for (const host of rounds) {
    await breakHost(state, 'service-crashed', host.name)
    controls.push(await control(host))
    await breakHost(state, 'service-crashed', host.name)
    ours.push(await repair(client, host))
  }
  report(ours, controls)
}

type Host = { readonly name: string; readonly address: string }

/** Milliseconds from the start of the program. */
type Bare = { readonly serviceUp: number; readonly ended: number }

async function control({ name, address }: Host): Promise<Bare> {
  const from = performance.now()
  const up = whenUp(address).then(() => performance.now() - from)
  const ended = await timed(() => bare.run(play, name, { unit }))
  const serviceUp = await up
  note(`${name}: bare ansible-playbook: up ${Math.round(serviceUp)}, ended ${Math.round(ended)}`)
  return { serviceUp, ended }
}

async function repair(client: Client, { name, address }: Host): Promise<Repair> {
  const from = await postCrash(world, name)
  const up = whenUp(address).then(() => Date.now() - from)
  const list = await client.get<IncidentList>('/incidents')
  const row = [...list.needsYou, ...list.inProgress].find(
    (one) => one.host === name && Date.parse(one.openedAt) >= from,
  )
  if (row === undefined) throw new Error(`No incident of ${name} stands in the list.`)
  const serviceUp = await up.catch(async (error: unknown) => {
    const { state, says } = await client.get<IncidentView>(`/incidents/${row.number}`)
    throw new Error(`INC-${row.number} is ${state}: ${plainText(says)}`, { cause: error })
  })
  const incident = await whenEnded(client, row.number)
  if (incident.closedReason !== 'recovered') throw new Error(`INC-${row.number} ended as ${plainText(incident.says)}.`)
  const after = (at: string | null | undefined): number => Date.parse(at ?? '') - from
  // The host's own clock is ours: the kernel is the same.
  const firstProbe = Math.min(...incident.evidence.map(({ hostClock }) => after(hostClock)))
  tell(incident, after, { serviceUp, firstProbe })
  return {
    firstProbe,
    serviceUp,
    recovered: after(incident.story.find(({ kind }) => kind === 'recovered')?.at),
  }
}

/** Where the time went. */
function tell(
  { host, story, runs }: IncidentView,
  after: (at: string | null) => number,
  { serviceUp, firstProbe }: Pick<Repair, 'serviceUp' | 'firstProbe'>,
): void {
  const steps = story.map(({ kind, at }) => `${kind} ${after(at)}`)
  const run = runs.flatMap(({ startedAt, events }) => [
    `the run began ${after(startedAt)}`,
    ...events.map(({ at, says }) => `${says.slice(0, 28)} ${after(at)}`),
  ])
  note(`${host}: first probe ${firstProbe} · ${steps.join(' · ')} · up ${serviceUp} (${run.join(' · ')})`)
}

async function whenEnded(client: Client, number: number): Promise<IncidentView> {
  const deadline = performance.now() + limitMilliseconds
  for (;;) {
    const incident = await client.get<IncidentView>(`/incidents/${number}`)
    if (incident.state === 'closed' || incident.state === 'handed-over') return incident
    if (performance.now() > deadline) throw new Error(`INC-${number} is still ${incident.state}.`)
    await sleep(pollMilliseconds)
  }
}

async function whenUp(address: string): Promise<void> {
  const deadline = performance.now() + limitMilliseconds
  while (performance.now() < deadline) {
    const answered = await fetch(`http://${address}/`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (answered) return
    await sleep(lookMilliseconds)
  }
  throw new Error(`${address} did not come up.`)
}

function report(ours: readonly Repair[], controls: readonly Bare[]): void {
  const up = median(controls.map((one) => one.serviceUp))
  const ended = median(controls.map((one) => one.ended))
  const against = 'a bare ansible-playbook that runs the same play over a fresh connection'
  const p50 = (of: (repair: Repair) => number): number => median(ours.map(of))
  print({
    name: 'accept → first probe',
    value: p50((one) => one.firstProbe),
    unit: 'ms',
    control: up,
    against: `${against}, until the service is up`,
  })
  print({ name: 'webhook → service up', value: p50((one) => one.serviceUp), unit: 'ms', control: up, against })
  print({ name: 'webhook → recovered', value: p50((one) => one.recovered), unit: 'ms', control: ended, against })
}
