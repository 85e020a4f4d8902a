// Every fault of the lab, end to end: it breaks a real host, real Prometheus and Alertmanager tell Millwright, and what
// becomes of it is compared with where a correct operator ends; judged from outside the product. A person approves
// whatever asks.
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { entryNames } from '../../catalogue/entry.ts'
import { type Client, connect } from '../../cli/client.ts'
import type { IncidentList, IncidentRow, IncidentView, PendingApproval } from '../../domain/telling/view.ts'
import type { Ending } from '../../lab/fault.ts'
import { breakHost, faultNames, judgeHost, loadFault } from '../../lab/oracle.ts'
import { recordsSince } from '../../lab/proving/counter.ts'
import { hostPaths } from '../../lab/paths.ts'
import { requireHost, requireState } from '../../lab/state.ts'
import { startWorld, type Values, type World } from '../../lab/world/world.ts'
import { newId } from '../../runtime/ids.ts'
import { playbooksDir } from '../activities/run-world.ts'

/** So many hosts in one lab: each takes six of the 128 places that a usual machine lets its root watch. */
const perRound = 9
/** More at a time, and on two cores the hosts are too slow for the monitoring that watches them. */
const atOnce = 3
/** For faults that are told once more: on a busy machine a probe is too slow, and then people have it. */
const spareHosts = 1
/** So slowly do settling and soaking go by that a busy machine is no reason for a failed repair. */
const timeFactor = 12
const pollMilliseconds = 500
/** How long an incident may take that comes to its end at all. */
const patienceMilliseconds = 300_000
const hookMilliseconds = 1_500_000

const faults = await faultNames()
const rounds = Array.from({ length: Math.ceil(faults.length / perRound) }, (_, at) => ({
  round: at + 1,
  told: faults.slice(at * perRound, (at + 1) * perRound),
}))

type Ended = {
  readonly incidents: readonly IncidentView[]
  /** Playbooks that ran, in the order of their starts, with what became of them. */
  readonly runs: readonly string[]
  /** Runs that the host's own disk knows. */
  readonly recorded: readonly string[]
  readonly healthy: boolean
  readonly collateral: readonly string[]
}

let world: World
/** Every incident of the round as it stood a moment ago. */
let rows: readonly IncidentRow[] = []
/** A fault of which nothing could be told fails its own test and no other. */
const ended = new Map<string, Ended | Error>()

describe.each(rounds)('round $round', ({ told }) => {
  beforeAll(async () => {
    world = await startWorld({
      hosts: told.length + spareHosts,
      // Some fault is known to nobody: who looks at it is right.
      model: {},
      log: pino({ level: 'silent' }),
      progress: () => undefined,
      change: everythingAlone,
    })
    const attending = new AbortController()
    const person = attend(connect(world.supervisor.folder.root), attending.signal)
    const [spare = '', ...hosts] = world.lab.hosts.flatMap(({ name, role }) => (role === 'web' ? [name] : []))
    const left = [...told]
    const teller = async (): Promise<void> => {
      for (let fault = left.shift(); fault !== undefined; fault = left.shift())
        ended.set(fault, await tell(fault, hosts.shift() ?? ''))
    }
    await Promise.all(Array.from({ length: atOnce }, teller))
    // What touched anything that it may not is never told again.
    const unlucky = await Promise.all(told.map(async (fault) => ((await isUnlucky(fault)) ? [fault] : [])))
    for (const fault of unlucky.flat().slice(0, spareHosts)) ended.set(fault, await tell(fault, spare))
    attending.abort()
    await person
  }, hookMilliseconds)
  afterAll(() => world?.stop())

  test.each(told)('%s ends where a correct operator ends, and nothing else is touched', async (name) => {
    const { alert } = await loadFault(name)
    const end = ended.get(name)
    if (end === undefined || end instanceof Error) throw end ?? new Error('nothing became of it')
    const { incidents, recorded } = end
    const stories = incidents.map(({ number, state, story }) => [number, state, story.map(({ says }) => says)])
    const seen = JSON.stringify(stories)

    expect(incidents.flatMap(({ alerts }) => alerts.map((one) => one.name))).toContain(alert)
    expect(end.collateral, seen).toEqual([])
    const known = new Set(incidents.flatMap(({ runs }) => runs.map(({ id }) => `${id}`)))
    expect(recorded.filter((run) => !known.has(run))).toEqual([])
    expect(await isOther(name, end), seen).toBe(false)
  })
})

async function isUnlucky(fault: string): Promise<boolean> {
  const end = ended.get(fault)
  return end !== undefined && !(end instanceof Error) && end.collateral.length === 0 && (await isOther(fault, end))
}

/** It ended somewhere else than its file says. */
async function isOther(name: string, { incidents, runs, healthy }: Ended): Promise<boolean> {
  const { ending } = await loadFault(name)
  const isEnded = incidents.some(({ state, closedReason }) => (closedReason ?? state) === endOf[ending.kind])
  const succeeded = runs.filter((one) => one.endsWith(' succeeded'))
  const wanted = ending.kind === 'repaired' ? ending.by.map((playbook) => `${playbook} succeeded`) : []
  return !isEnded || healthy !== (ending.kind !== 'handed-over') || succeeded.join() !== wanted.join()
}

const endOf: Readonly<Record<Ending['kind'], string>> = {
  repaired: 'recovered',
  'handed-over': 'handed-over',
  'nothing-to-do': 'recovered-by-itself',
}

/** Every playbook of the catalogue may act; tier 2 still asks a person. */
function everythingAlone(config: Values): Values {
  const playbooks = Object.fromEntries(entryNames(playbooksDir).map((id) => [id, { lab: 'auto' }]))
  return { ...config, playbooks, timeFactor }
}

/** Breaks the host, and answers what became of it. */
function tell(fault: string, host: string): Promise<Ended | Error> {
  const end = breakHost(requireState(world.lab.name), fault, host).then(() => follow(fault, host))
  return end.catch((cause: unknown) => new Error('it was not seen', { cause }))
}

/** Until every incident of the host has come to an end, the one of the fault's own alert among them. */
async function follow(name: string, host: string): Promise<Ended> {
  const incidents = await incidentsOf(name, host)
  const state = requireState(world.lab.name)
  const target = { state, host: requireHost(state, host), root: hostPaths(state.name, host).root }
  const { healthy, collateral } = await judgeHost(state, name, host)
  const runs = incidents
    .flatMap((one) => one.runs)
    .toSorted((one, other) => (one.startedAt ?? '').localeCompare(other.startedAt ?? ''))
    .map(({ playbook, state: became }) => `${playbook} ${became}`)
  const recorded = recordsSince(target, { cursor: '', records: new Set() })
  return { incidents, runs, recorded, healthy, collateral }
}

/** As they stand when all are over, or when nobody waits for them any longer. */
async function incidentsOf(name: string, host: string): Promise<readonly IncidentView[]> {
  const { alert, ending } = await loadFault(name)
  const client = connect(world.supervisor.folder.root)
  const until = performance.now() + patienceMilliseconds
  for (;;) {
    await sleep(pollMilliseconds)
    const own = rows.filter((row) => row.host === host)
    const isLate = performance.now() > until
    if (!isLate && (own.length === 0 || !own.every((row) => isOver(row, ending)))) continue
    const views = await Promise.all(own.map(({ number }) => client.get<IncidentView>(`/incidents/${number}`)))
    const isTold = views.some(({ alerts }) => alerts.some((one) => one.name === alert))
    if (isLate || (isTold && views.every((one) => isOver(one, ending)))) return views
  }
}

/** What was repaired, or was nothing, is over only when it is closed: what people got beside it ends by itself. */
function isOver({ state }: IncidentRow, { kind }: Ending): boolean {
  return state === 'closed' || (state === 'handed-over' && kind === 'handed-over')
}

/** Reads what there is, for everybody who waits, and is the person who says yes to whatever asks. */
async function attend(client: Client, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { needsYou, inProgress, closed } = await client.get<IncidentList>('/incidents')
    rows = [...needsYou, ...inProgress, ...closed]
    for (const { number } of rows.filter(({ state }) => state === 'awaiting-approval')) {
      const approval = await client.get<PendingApproval>(`/incidents/${number}/approval`)
      if (approval.kind !== 'pending') continue
      const body = { id: newId('dec'), verdict: 'approve', reason: 'the fault is known' }
      // Withdrawn in between: then it needs nobody any more.
      await client.post(`/plans/${approval.plan.digest}/decisions`, body).catch(() => null)
    }
    await sleep(pollMilliseconds)
  }
}
