// The named points of a run, seen from outside: in the record, on the host's disk, among its processes.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Target } from '../fault.ts'
import { unitProcesses } from '../look.ts'
import { nginx } from '../nginx.ts'
import { wrote } from './counter.ts'
import type { Crew } from './crew.ts'

export const points = [
  'when-the-alert-was-recorded',
  'when-it-was-planned',
  'when-the-run-was-requested',
  'while-ansible-loads',
  'after-the-lease',
  'after-the-record-was-made-on-the-host',
  'in-mid-task',
  'after-the-effect',
  'after-the-result-was-written',
  'after-the-run-ended',
  'between-recovered-and-verified',
] as const
export type Point = (typeof points)[number]

const pollMilliseconds = 4

export type Reach = {
  readonly crew: Crew
  readonly targets: readonly Target[]
  readonly point: Point
  /** Only what came up since then counts. */
  readonly since: Date
  /** On the clock of `performance.now()`. */
  readonly until: number
}

/** Waits until one of the hosts is at that point; false when none was seen there in time. */
export async function reached({ crew, targets, point, since, until }: Reach): Promise<boolean> {
  while (performance.now() < until) {
    for (const target of targets) if (await isAt(crew, target, point, since).catch(() => false)) return true
    await sleep(pollMilliseconds)
  }
  return false
}

async function isAt(crew: Crew, target: Target, point: Point, since: Date): Promise<boolean> {
  switch (point) {
    case 'when-the-alert-was-recorded':
      return (await incidentOf(crew, target, since)) !== undefined
    case 'when-it-was-planned':
      return told(crew, target, 'planned', since)
    case 'when-the-run-was-requested':
      return (await runOf(crew, target, since)) !== undefined
    case 'while-ansible-loads':
      return crew.pids('ansible').length > 0
    case 'after-the-lease':
      return stateIs(await runOf(crew, target, since), ['leased', 'started'])
    case 'after-the-record-was-made-on-the-host':
      return onDisk(target, await runOf(crew, target, since), 'begun')
    case 'in-mid-task':
      return heard(crew, await runOf(crew, target, since))
    case 'after-the-effect':
      return (await runOf(crew, target, since))?.state === 'started' && unitProcesses(target, nginx).length > 0
    case 'after-the-result-was-written':
      return onDisk(target, await runOf(crew, target, since), 'result')
    case 'after-the-run-ended':
      return stateIs(await runOf(crew, target, since), ['succeeded', 'failed', 'unknown'])
    case 'between-recovered-and-verified':
      return told(crew, target, 'recovered', since)
  }
}

type Run = { readonly id: string; readonly state: string }

function stateIs(run: Run | undefined, states: readonly string[]): boolean {
  return run !== undefined && states.includes(run.state)
}

function onDisk(target: Target, run: Run | undefined, file: 'begun' | 'result'): boolean {
  return run !== undefined && wrote(target, run.id, file)
}

function runOf({ store }: Crew, { host }: Target, since: Date): Promise<Run | undefined> {
  const all = store.selectFrom('run').select(['id', 'state']).where('host', '=', host.name)
  return all.where('created_at', '>=', since).executeTakeFirst()
}

function incidentOf({ store }: Crew, { host }: Target, since: Date) {
  const all = store.selectFrom('incident').select('id').where('host', '=', host.name)
  return all.where('opened_at', '>=', since).executeTakeFirst()
}

async function told(crew: Crew, target: Target, kind: string, since: Date): Promise<boolean> {
  const incident = await incidentOf(crew, target, since)
  if (incident === undefined) return false
  const story = await crew.store.selectFrom('timeline').select('entry').where('incident', '=', incident.id).execute()
  return story.some(({ entry }) => entry.kind === kind)
}

/** Ansible has told of a task, and the run goes on. */
async function heard({ store }: Crew, run: Run | undefined): Promise<boolean> {
  if (run?.state !== 'started') return false
  const told = await store.selectFrom('run_event').select('sequence').where('run', '=', run.id).execute()
  return told.length > 1
}
