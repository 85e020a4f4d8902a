// What an investigation costs beyond its model and its probes: time, tokens and dollars, with a scripted model that
// answers at once. Seen from the record, from spans, and from what the model server counted.
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { type Client, connect } from '../cli/client.ts'
import type { IncidentList, IncidentView } from '../domain/telling/view.ts'
import unknownFault from '../lab/faults/unknown-fault.ts'
import type { Recorded } from '../lab/model-server/record.ts'
import type { ModelServer } from '../lab/model-server/server.ts'
import { hostPaths } from '../lab/paths.ts'
import { requireState } from '../lab/state.ts'
import { startWorld } from '../lab/world/world.ts'
import { connectStore } from '../store/connect.ts'
import { temporalAddressOf } from '../lab/temporal-address.ts'
import { attributeOf, type ReceivedSpan, spanCollector } from '../test/support/span-collector.ts'
import { incidentWorkflowId } from '../workflows/messages.ts'
import { startControl } from './investigation/control.ts'
import { covered } from './investigation/covered.ts'
import type { Step } from './investigation/no-op.ts'
import { cachedShare, costOf, isPlanner, wholeOf } from './investigation/tokens.ts'
import { median, note, print, warmUps } from './measuring/result.ts'
import { postCrash } from './webhook/alert.ts'

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 5)
const limitMilliseconds = 120_000
const pollMilliseconds = 200

/** One on each host. */
const scripts = [
  { persona: 'correct', alert: 'BlackboxProbeFailed' },
  { persona: 'asks-twice', alert: 'HostSystemdServiceCrashed' },
  { persona: 'always-wants-more', alert: 'HostSystemdServiceCrashed' },
] as const

type Story = {
  readonly incident: string
  readonly turns: number
  /** Milliseconds since 1970. */
  readonly from: number
  readonly to: number
  readonly modelMilliseconds: number
  /** Bytes of all that the first look answered. */
  readonly measuredBytes: number
  readonly requests: readonly Recorded[]
  readonly steps: readonly Step[]
  /** Of a workflow that did nothing in as many steps, right after it. */
  readonly noOpMilliseconds: number
}

const collector = await spanCollector()
const stories = new Map<string, Story[]>(scripts.map(({ persona }) => [persona, []]))
const world = await startWorld({
  hosts: scripts.length,
  monitoring: false,
  model: {},
  log: pino({ level: 'silent' }),
  progress: note,
  change: (config) => ({ ...config, telemetry: { endpoint: collector.endpoint } }),
})
const control = await startControl(temporalAddressOf(world.supervisor.children()['temporal']))
try {
  await investigateAll(world.model)
} finally {
  await control.stop()
  await world.stop()
  await collector.close()
}
// The last spans are sent when their processes end.
report(collector.spans())

async function investigateAll(model: ModelServer | null): Promise<void> {
  if (model === null) throw new Error('no model server')
  const state = requireState(world.lab.name)
  for (const host of state.hosts) {
    await unknownFault.break({ state, host, root: hostPaths(state.name, host.name).root })
  }
  const client = connect(world.supervisor.folder.root)
  for (let round = 0; round < warmUps + rounds; round += 1) {
    for (const [at, { persona, alert }] of scripts.entries()) {
      const host = state.hosts[at]
      if (host === undefined) throw new Error('a lab with too few hosts')
      model.assign(host.name, persona)
      const story = await investigate(client, model, { host: host.name, alert })
      if (round >= warmUps) stories.get(persona)?.push(story)
    }
  }
}

type Asked = { readonly host: string; readonly alert: string }

async function investigate(client: Client, model: ModelServer, { host, alert }: Asked): Promise<Story> {
  const before = model.requests().length
  const from = await postCrash(world, host, alert)
  const list = await client.get<IncidentList>('/incidents')
  const row = [...list.needsYou, ...list.inProgress].find(
    (one) => one.host === host && Date.parse(one.openedAt) >= from,
  )
  if (row === undefined) throw new Error(`No incident of ${host} stands in the list.`)
  const incident = await whenEnded(client, row.number)
  const ended = incident.story.find(({ kind }) => kind === 'handed-over')
  const requests = model.requests().slice(before)
  const to = Date.parse(ended?.at ?? '')
  const steps = await control.stepsOf(incident.id, to)
  return {
    incident: incident.id,
    turns: requests.filter(isPlanner).length,
    from,
    to,
    modelMilliseconds: await modelTime(incident.id),
    measuredBytes: Buffer.byteLength(JSON.stringify(incident.evidence)),
    requests,
    steps,
    noOpMilliseconds: await control.milliseconds(steps),
  }
}

/** What the ledger says that the model took. */
async function modelTime(incident: string): Promise<number> {
  const socket = encodeURIComponent(world.supervisor.folder.postgresSocket)
  const store = connectStore(`postgresql://millwright@/millwright?host=${socket}`)
  const rows = await store.selectFrom('model_call').select(['incident', 'milliseconds']).execute()
  await store.destroy()
  return rows.reduce((sum, one) => (one.incident === incident ? sum + Number(one.milliseconds) : sum), 0)
}

async function whenEnded(client: Client, number: number): Promise<IncidentView> {
  const deadline = performance.now() + limitMilliseconds
  for (;;) {
    const incident = await client.get<IncidentView>(`/incidents/${number}`)
    if (incident.state === 'handed-over') return incident
    if (incident.state === 'closed' || performance.now() > deadline) {
      throw new Error(`INC-${number} is ${incident.state}.`)
    }
    await sleep(pollMilliseconds)
  }
}

/** Milliseconds in which a host was being asked. */
function probing(spans: readonly ReceivedSpan[], story: Story): number {
  return covered(
    spans.filter(({ name }) => name === 'exchange with a host'),
    story,
  )
}

/** Its activities: how long each was under way. */
function activitiesOf(spans: readonly ReceivedSpan[], { incident, to }: Story): readonly ReceivedSpan[] {
  const whose = incidentWorkflowId(incident)
  return spans.filter(
    (span) => attributeOf(span, 'millwright.of') === whose && Number(span.startTimeUnixNano) / 1e6 <= to,
  )
}

/** Each activity by its name: how often, and milliseconds of all of them. */
function byName(spans: readonly ReceivedSpan[], story: Story): string {
  const own = activitiesOf(spans, story)
  const names = [...new Set(own.map(({ name }) => name))]
  return names
    .map((name) => {
      const these = own.filter((span) => span.name === name)
      return `${these.length} ${name} ${Math.round(covered(these, story))}`
    })
    .join(', ')
}

function said(milliseconds: readonly number[]): string {
  return milliseconds.map(Math.round).join(' ')
}

function report(spans: readonly ReceivedSpan[]): void {
  const all = [...stories.values()].flat()
  for (const these of stories.values()) {
    const [first] = these
    if (first === undefined) throw new Error('Nothing was measured.')
    const script = `${first.turns} ${first.turns === 1 ? 'turn' : 'turns'}`
    const needed = these.map((one) => one.modelMilliseconds + probing(spans, one))
    const overhead = these.map((one, at) => one.to - one.from - (needed[at] ?? 0))
    note(`${script}: needed ${said(needed)}, overhead ${said(overhead)}`)
    print({
      name: `harness overhead, ${script}`,
      value: median(overhead),
      unit: 'ms',
      control: median(needed),
      against: 'what its model and its probes took, from the webhook to the hand-over',
    })
    const worked = these.map((one, at) => covered(activitiesOf(spans, one), one) - (needed[at] ?? 0))
    const between = overhead.map((one, at) => one - (worked[at] ?? 0))
    const noOps = these.map((one) => one.noOpMilliseconds)
    const counted = (step: Step): number => first.steps.filter((one) => one === step).length
    note(
      `${script}, ${counted('activity')} activities and ${counted('local')} local ones: in them ${said(worked)}, between them ${said(between)}, with nothing in them ${said(noOps)}`,
    )
    note(`${script}, whole: ${byName(spans, first)}`)
    print({
      name: `between the steps of an incident, ${script}`,
      value: median(between),
      unit: 'ms',
      control: median(noOps),
      against: 'a workflow that does nothing in as many steps, on the same Temporal server',
    })
    const cost = costOf(first.requests)
    for (const line of cost.lines) note(`${script}: ${line}`)
    print({
      name: `cost, ${script}`,
      value: cost.dollars,
      unit: '$',
      control: cost.dearest,
      against: 'the same tokens at the dearest list price',
    })
  }
  const shares = all.flatMap(({ requests }) => requests.flatMap(cachedShare))
  print({
    name: 'cached share of the input from the second turn on',
    value: median(shares.map(({ cached }) => cached)),
    unit: 'of 1',
    control: median(shares.map(({ possible }) => possible)),
    against: 'what stood in the request before',
  })
  note(`cached shares: ${shares.map(({ cached }) => cached.toFixed(2)).join(' ')}`)
  print({
    name: 'first request',
    value: Math.max(...all.flatMap(({ requests }) => requests.filter(isPlanner).slice(0, 1).map(wholeOf))),
    unit: 'bytes',
    control: median(all.map(({ measuredBytes }) => measuredBytes)),
    against: 'all evidence of the incident as the API writes it',
  })
}
