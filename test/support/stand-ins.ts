// Stand-in activities for tests of workflow logic alone, driven by one script per incident. Everything else uses the
// real ones.
import { setTimeout as sleep } from 'node:timers/promises'
import { ApplicationFailure } from '@temporalio/common'
import type { Client } from '@temporalio/client'
import type {
  Collected,
  ControlActivities,
  HandsActivities,
  Measured,
  MeasuredAlone,
  MindActivities,
  Planned,
  Recognised,
  Scope,
  Soaked,
} from '../../activities/types.ts'
import type { PolicyAnswer } from '../../domain/decision.ts'
import type { Refusal, RunOutcome, RunRow } from '../../domain/run.ts'
import type { Standing, Transition } from '../../domain/timeline.ts'
import { mindOf, type ModelScript, noModel, turnOf } from './model-script.ts'
import { reconcileSeconds } from '../../workflows/steps/remediate.ts'
import { controlQueue, hostWorkflowId, runRequested, type HostInput } from '../../workflows/messages.ts'

export type Script = ModelScript & {
  readonly standing: Standing
  readonly scope: Scope
  readonly collect: (round: number) => Collected
  readonly recognise: (tried: readonly string[]) => Recognised
  readonly plan: (
    playbook: string,
    attempt: number,
    kind: 'remediate' | 'undo',
    /** Of evidence; absent: of an undo. */
    round?: number,
  ) => Partial<Extract<Planned, { kind: 'planned' }>> | string
  readonly policy: (playbook: string, undo: boolean) => PolicyAnswer['verdict'] | 'stopped'
  readonly stopped: () => boolean
  /** Another incident that is changing the host. */
  readonly changedBy: () => string | null
  /** Why no run may be opened; null where it may. */
  readonly refused: () => Refusal | null
  readonly deadline: () => Date
  readonly run: (playbook: string, undo: boolean) => RunOutcome | Promise<RunOutcome>
  readonly reconcile: () => RunOutcome | Promise<RunOutcome>
  /** Whether runs' rows can be read. */
  readonly readable: () => boolean
  readonly await: (playbook: string) => Measured
  readonly hold: (playbook: string) => Soaked | Promise<Soaked>
  readonly health: () => MeasuredAlone | Promise<MeasuredAlone>
  readonly source: () => 'firing' | 'resolved'
  /** An entry is there; whoever wrote it hears so after this. */
  readonly recording: (kind: string) => Promise<void> | undefined
  /** Firings that are recorded by now. */
  readonly firings: () => number
  /** Whether the host's workflow is asked; `until-begun`: whoever asks is answered once the run has begun. */
  readonly request: boolean | 'until-begun'
}

export const carriedOut: RunOutcome = { kind: 'succeeded', changed: 1, tasks: 2 }
export const didNotWork: RunOutcome = { kind: 'failed', says: 'it broke', task: 'Restart', changed: 0 }

/** Measured: all is well, or a check fails. */
export const well: Measured = { health: { kind: 'well' }, checks: [], rule: 'clear', firings: 1 }
export const wrong = { ...well, health: { kind: 'wrong', because: 'check-fails' } } as const satisfies Measured
export const held = { ...well, kind: 'held', heldSeconds: 1 } as const satisfies Soaked
export const notHeld = { ...wrong, kind: 'not-held' } as const satisfies Soaked

/** A run's own time, where a script says no other. */
const hardTimeoutSeconds = 30
/** A deadline so long ago that nothing is heard of the run any more. */
export const longAgo = () => new Date(Date.now() - (hardTimeoutSeconds + reconcileSeconds) * 1_000)

/** In which any machine begins any number of runs. */
const ampleSeconds = 600
const inAmpleTime = () => new Date(Date.now() + ampleSeconds * 1_000)

/** A run that begins in its time, and by then the incident has waited for its end for long enough. */
export const tooSlow: Partial<Script> = {
  deadline: inAmpleTime,
  plan: () => ({ hardTimeoutSeconds: -ampleSeconds - reconcileSeconds }),
  request: 'until-begun',
}

export const target: Extract<Scope, { kind: 'target' }> = {
  kind: 'target',
  host: 'web-01',
  hostName: 'web-01',
  zone: 'lab',
  subjects: ['nginx.service'],
  attemptsUsed: 0,
  tried: [],
}

export function known(playbook: string): Extract<Recognised, { kind: 'one' }> {
  const params = { unit: 'nginx.service' }
  return { kind: 'one', playbook, signature: 'crashed', says: 'nginx.service crashed', params, checks: [], not: [] }
}

/** A known fault that is repaired alone; a test changes what it is about. */
export const straightLine: Script = {
  standing: { state: 'open', sequence: 0, round: 0 },
  scope: target,
  collect: () => ({ evidence: ['e1'], failed: 0, milliseconds: 5, unreachable: null }),
  recognise: (tried) => (tried.includes('service-restart') ? { kind: 'none', not: [] } : known('service-restart')),
  ...noModel,
  plan: () => ({}),
  policy: () => 'auto',
  stopped: () => false,
  changedBy: () => null,
  refused: () => null,
  deadline: inAmpleTime,
  run: () => carriedOut,
  reconcile: () => ({ kind: 'unknown', says: 'the host says nothing' }),
  readable: () => true,
  await: () => well,
  hold: () => held,
  health: () => ({ ...wrong, rule: 'firing' }),
  source: () => 'firing',
  recording: () => undefined,
  firings: () => 1,
  request: true,
}

export type Stage = {
  readonly scripts: Map<string, Script>
  readonly transitions: (incident: string) => readonly Transition[]
  /** Runs that began, by incident. */
  readonly begun: (incident: string) => readonly string[]
  readonly control: ControlActivities
  readonly hands: HandsActivities
  readonly mind: MindActivities
}

type Row = RunRow & { readonly incident: string; readonly playbook: string }

/**
 * Plans are named `incident playbook attempt kind`, runs after their plans, so that every stand-in finds its script.
 */
export function stage(client: () => Client): Stage {
  const scripts = new Map<string, Script>()
  const written = new Map<string, Transition[]>()
  const started = new Map<string, string[]>()
  const rows = new Map<string, Row>()
  const of = (incident: string): Script => {
    const script = scripts.get(incident)
    if (script === undefined) throw ApplicationFailure.nonRetryable(`no script for ${incident}`)
    return script
  }
  const rowOf = (run: string): Row => {
    const row = rows.get(run)
    if (row === undefined) throw ApplicationFailure.nonRetryable(`no run ${run}`)
    return row
  }
  const set = (run: string, change: Partial<Row>): Row => {
    const row = { ...rowOf(run), ...change }
    rows.set(run, row)
    return row
  }
  const end = (run: string, outcome: RunOutcome): RunOutcome => {
    set(run, { state: outcome.kind, outcome })
    return outcome
  }
  const control: ControlActivities = {
    readStory: async ({ incident }) => {
      const { standing } = of(incident)
      const state = written.get(incident)?.findLast((one) => one.state !== null)?.state ?? standing.state
      return { ...standing, state }
    },
    record: async (transition) => {
      if ((transition.firings ?? Infinity) < of(transition.incident).firings()) return { written: false }
      const before = written.get(transition.incident) ?? []
      const same = before.filter((one) => one.sequence !== transition.sequence)
      written.set(transition.incident, [...same, transition])
      await of(transition.incident).recording(transition.entry.kind)
      return { written: true }
    },
    scopeIncident: async ({ incident }) => {
      const { scope } = of(incident)
      const begun = (started.get(incident) ?? []).filter((what) => !what.startsWith('undo '))
      if (scope.kind !== 'target') return scope
      return { ...scope, attemptsUsed: scope.attemptsUsed + begun.length, tried: [...scope.tried, ...begun] }
    },
    readHost: async ({ incident }) => {
      const changedBy = of(incident).changedBy()
      return { changedBy, number: changedBy === null ? null : 7 }
    },
    matchSignatures: async ({ incident, tried }) => of(incident).recognise(tried),
    beginInvestigation: async ({ incident, round }) => of(incident).begin(round),
    judgeTurn: async ({ incident, investigation, turn, sequence }) => {
      const entry = { kind: 'turn', ...turnOf(investigation, turn) } as const
      written.set(incident, [...(written.get(incident) ?? []), { incident, sequence, state: null, entry }])
      return of(incident).judge(turn)
    },
    buildPlan: async ({ incident, playbook, attempt, round }) =>
      planned(of(incident).plan(playbook, attempt, 'remediate', round), [incident, playbook, attempt, 'remediate']),
    buildUndo: async ({ plan }) => {
      const [incident = '', playbook = '', attempt = ''] = plan.split(' ')
      const answer = of(incident).plan(playbook, Number(attempt), 'undo')
      const change = typeof answer === 'string' ? answer : { ...answer, hasUndo: false }
      return planned(change, [incident, playbook, Number(attempt), 'undo'])
    },
    decidePlan: async ({ plan }) => {
      const [incident = '', playbook = '', , kind] = plan.split(' ')
      const answer = of(incident).policy(playbook, kind === 'undo')
      const verdict = answer === 'stopped' ? 'forbid' : answer
      return { verdict, rule: { id: answer, says: `policy says ${answer}` }, policies: 'p' }
    },
    openRun: async ({ plan }) => {
      const [incident = '', playbook = '', , kind] = plan.split(' ')
      const refusal = of(incident).refused()
      if (refusal !== null) return refusal
      const run = `run ${plan}`
      const deadline = of(incident).deadline().toISOString()
      rows.set(run, { run, state: 'planned', outcome: null, deadline, incident, playbook, undo: kind === 'undo' })
      return rowOf(run)
    },
    readRun: async ({ run }) => {
      const row = rowOf(run)
      if (!of(row.incident).readable()) throw ApplicationFailure.nonRetryable('the row can not be read')
      return row
    },
    settleRun: async ({ run, says }) => {
      const { state } = rowOf(run)
      if (state === 'planned') end(run, { kind: 'refused', says, code: 'conflict.expired' })
      if (state === 'started') end(run, { kind: 'unknown', says })
      return rowOf(run)
    },
    settleLostRuns: async ({ incident }) => {
      if (!of(incident).readable()) throw ApplicationFailure.nonRetryable('no row can be read')
      const open = [...rows.values()].filter((row) => row.incident === incident && row.outcome === null)
      for (const { run, state } of open)
        if (state === 'planned') end(run, { kind: 'refused', says: 'lost', code: 'conflict.expired' })
      return { underWay: open.filter(({ state }) => state !== 'planned').map(({ run }) => run) }
    },
    requestRun: async ({ host, zone, request }) => {
      if (!of(request.incident).request) return { asked: true }
      const input: HostInput = { version: 1, host, zone, queue: [] }
      await client().workflow.signalWithStart('host', {
        workflowId: hostWorkflowId(host),
        taskQueue: controlQueue,
        args: [input],
        signal: runRequested,
        signalArgs: [request],
      })
      const { incident } = request
      while (of(incident).request === 'until-begun' && !started.has(incident)) await sleep(10)
      return { asked: true }
    },
    readSwitch: async () => ({ stopped: [...scripts.values()].some((script) => script.stopped()), says: 'stopped' }),
    readSource: async ({ incident }) => ({ status: of(incident).source() }),
  }
  const hands: HandsActivities = {
    collectEvidence: async ({ incident, round }) => of(incident).collect(round),
    lookFurther: async ({ incident, turn, round, sequence, host }) => {
      const looked = of(incident).look(turn)
      const entry = { kind: 'looked', host, round, evidence: [], failed: 0, milliseconds: 5 } as const
      written.set(incident, [...(written.get(incident) ?? []), { incident, sequence, state: null, entry }])
      return looked
    },
    runPlaybook: async ({ run }) => {
      const { incident, playbook, undo } = set(run, { state: 'started' })
      started.set(incident, [...(started.get(incident) ?? []), undo ? `undo ${playbook}` : playbook])
      return end(run, await of(incident).run(playbook, undo))
    },
    reconcileRun: async ({ run }) => end(run, await of(rowOf(run).incident).reconcile()),
    awaitRecovery: async ({ incident, plan }) => of(incident).await(plan.split(' ')[1] ?? ''),
    holdRecovery: async ({ incident, plan }) => of(incident).hold(plan.split(' ')[1] ?? ''),
    checkHealth: async ({ incident }) => of(incident).health(),
  }
  return {
    scripts,
    transitions: (incident) => (written.get(incident) ?? []).toSorted((a, b) => a.sequence - b.sequence),
    begun: (incident) => started.get(incident) ?? [],
    control,
    hands,
    mind: mindOf(of),
  }
}

function planned(
  answer: ReturnType<Script['plan']>,
  [incident, playbook, attempt, kind]: readonly [string, string, number, string],
): Planned {
  if (typeof answer === 'string') return { kind: 'not-applicable', says: answer }
  const plan = [incident, playbook, attempt, kind].join(' ')
  const digest = `digest of ${plan}`
  return {
    kind: 'planned',
    plan,
    digest,
    entry: { kind: 'planned', plan, digest, playbook, version: '1.0.0', wants: 'Repair', attempt, preview: [] },
    hasUndo: false,
    approvals: 1,
    soakSeconds: 1,
    expiresAt: new Date(Date.now() + 60_000).toISOString(),
    hardTimeoutSeconds,
    ...answer,
  }
}
