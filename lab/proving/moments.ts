// The named points of an incident, seen from outside: in the record, on the host's disk, among its processes.
import { setTimeout as sleep } from 'node:timers/promises'
import type { TimelineEntry } from '../../domain/timeline.ts'
import type { Target } from '../fault.ts'
import { unitProcesses } from '../look.ts'
import { nginx } from '../nginx.ts'
import { wrote } from './counter.ts'
import type { Crew } from './crew.ts'

/** Of a repair. */
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
/** Of what comes before it, where nobody knows the fault. */
export const askingPoints = [
  'when-an-investigation-began',
  'while-a-model-is-asked',
  'when-a-model-has-answered',
  'when-an-answer-was-judged',
  'when-it-looks-further',
  'when-a-person-is-asked',
  'when-a-person-said-yes',
] as const
export type Point = (typeof points)[number] | (typeof askingPoints)[number]

const pollMilliseconds = 4

export type Reach = {
  readonly crew: Crew
  readonly targets: readonly Target[]
  readonly point: Point
  /** Only what came up since then counts. */
  readonly since: Date
  /** On the clock of `performance.now()`. */
  readonly until: number
  /** Nothing more is to come. */
  readonly over?: AbortSignal
}

/** Waits until one of the hosts is at that point; false when none was seen there in time. */
export async function reached({ crew, targets, point, since, until, over }: Reach): Promise<boolean> {
  while (performance.now() < until && over?.aborted !== true) {
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
      return told(crew, target, since, ({ kind }) => kind === 'planned')
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
      return told(crew, target, since, ({ kind }) => kind === 'recovered')
    case 'when-an-investigation-began':
      return told(crew, target, since, ({ kind }) => kind === 'investigation-began')
    case 'while-a-model-is-asked':
      return called(crew, target, 'reserved', since)
    case 'when-a-model-has-answered':
      return called(crew, target, 'answered', since)
    case 'when-an-answer-was-judged':
      return told(crew, target, since, ({ kind }) => kind === 'turn')
    case 'when-it-looks-further':
      return told(crew, target, since, (entry) => entry.kind === 'turn' && entry.asks.length > 0)
    case 'when-a-person-is-asked':
      return told(crew, target, since, ({ kind }) => kind === 'asked')
    case 'when-a-person-said-yes':
      return told(crew, target, since, (entry) => entry.kind === 'decided' && entry.verdict === 'approve')
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

async function told(
  crew: Crew,
  target: Target,
  since: Date,
  isMeant: (entry: TimelineEntry) => boolean,
): Promise<boolean> {
  const incident = await incidentOf(crew, target, since)
  if (incident === undefined) return false
  const story = await crew.store.selectFrom('timeline').select('entry').where('incident', '=', incident.id).execute()
  return story.some(({ entry }) => isMeant(entry))
}

/** The planner's call of any turn. */
async function called(crew: Crew, target: Target, state: 'reserved' | 'answered', since: Date): Promise<boolean> {
  const incident = await incidentOf(crew, target, since)
  if (incident === undefined) return false
  const calls = crew.store.selectFrom('model_call').select('turn').where('incident', '=', incident.id)
  return (await calls.where('tier', '=', 'planner').where('state', '=', state).executeTakeFirst()) !== undefined
}

/** Ansible has told of a task, and the run goes on. */
async function heard({ store }: Crew, run: Run | undefined): Promise<boolean> {
  if (run?.state !== 'started') return false
  const told = await store.selectFrom('run_event').select('sequence').where('run', '=', run.id).execute()
  return told.length > 1
}
