// Step 12: carries out one approved plan, once. Whatever is in doubt before the first task refuses; whatever is in
// doubt after it is unknown.
import { closeSync } from 'node:fs'
import { Context } from '@temporalio/activity'
import type { Logger } from 'pino'
import { failureCode } from '../domain/failure.ts'
import { refused, type RunOutcome } from '../domain/run.ts'
import type { Launch, Launched, LaunchRequest, RunEvent } from '../runtime/ansible/launcher.ts'
import { endOrphans } from '../runtime/ansible/orphans.ts'
import { makeRunFolder, removeKeys, removeRunFolder, type RunFolder } from '../runtime/ansible/run-folder.ts'
import { redactText, redactTexts } from '../runtime/redaction.ts'
import type { OpenDoor, WriteDoor } from '../runtime/write-door.ts'
import { dropFence, readStop, takeLease } from '../store/lease.ts'
import { endRun, insertRunEvents, markStarted, readRun, type StoredRun } from '../store/run.ts'
import { carryOut, endHere, hear, type Heard, leftSays } from './carry-out.ts'
import { checkFirst, checkSeconds, launchSeconds, nothingSeen, see, type Seen } from './check-first.ts'
import { type Approved, type CheckDeps, checkApproved, checkNow } from './run-checks.ts'
import type { HandsActivities } from './types.ts'

export type RunPlaybookDeps = CheckDeps & {
  readonly door: WriteDoor
  readonly launch: Launch
  /** Private folder (0700) of this process; no other process uses it. */
  readonly privateDir: string
  readonly log: Logger
  /** Ends when the activity is cancelled; default: Temporal's. */
  readonly cancelled?: () => AbortSignal
}

/** Opening the door takes at most this long; the lease covers it. */
const beginSeconds = 30
/** Between the end of the time that the host's session has and the moment when the host has certainly ended it. */
const settleSeconds = 10

/**
 * What an earlier process of this worker left is ended before the first run, and before anything else touches a host.
 */
export function createRunPlaybook(deps: RunPlaybookDeps): HandsActivities['runPlaybook'] {
  const orphans = endOrphans(deps.privateDir)
  return async ({ run: id }) => {
    const left = await orphans
    const run = await readRun(deps.store, id)
    if (run.outcome !== null) return run.outcome
    if (run.state !== 'planned')
      return end(deps, run, { kind: 'unknown', says: 'The worker that carried it out was lost.' })
    if (left.length > 0)
      return end(deps, run, refused('run.refused', 'An earlier run could not be ended on this machine.'))
    const approved = await checkApproved(deps, run)
    if (approved.kind === 'refused') return end(deps, run, approved)
    return perform(deps, run, approved)
  }
}

async function perform(deps: RunPlaybookDeps, run: StoredRun, approved: Approved): Promise<RunOutcome> {
  const { plan, host, entry } = approved
  const heard: Heard = { tasks: 0, statistics: null, says: null }
  const events = eventsOf(deps, run, heard)
  const seen = nothingSeen()
  const phase = { started: false }
  let folder: RunFolder | null = null
  try {
    folder = makeRunFolder(deps.privateDir, { run: run.id, host, params: plan.params, files: entry.files })
    // Ansible imports itself for half a second; it waits at its gate while the lease is taken and everything is asked
    // again.
    const play = plan.kind === 'undo' ? 'undo.yml' : 'playbook.yml'
    const real: LaunchRequest = {
      folder,
      play,
      check: false,
      sshArguments: deps.door.sshArguments,
      onEvent: events.add,
    }
    const checking = wasAsked(run)
    const launched = deps.launch(checking ? { ...real, check: true, onEvent: (event) => see(seen, event) } : real)
    const launch = checking ? () => deps.launch(real) : () => launched
    const check = checking ? { launched, seen, told: events.add } : null
    const outcome = await leased({ deps, run, approved, folder, check, launch, heard, phase })
    await events.flushed()
    return outcome === null ? ((await readRun(deps.store, run.id)).outcome ?? lost) : await end(deps, run, outcome)
  } catch (error) {
    deps.log.error({ error, run: run.id }, 'a run was interrupted')
    const says = error instanceof Error ? error.message : 'Something went wrong.'
    return end(deps, run, phase.started ? { kind: 'unknown', says } : refused(failureCode(error), says))
  } finally {
    if (folder !== null) await tidy(deps, folder)
  }
}

async function tidy(deps: RunPlaybookDeps, folder: RunFolder): Promise<void> {
  const ended = await endHere(folder)
  closeSync(folder.record)
  closeSync(folder.recorded)
  if (ended) return removeRunFolder(folder.path)
  deps.log.error({ run: folder.run }, 'processes of a run could not be ended; the next start tries again')
  removeKeys(folder.path)
}

const lost: RunOutcome = { kind: 'unknown', says: 'Another worker carries it out.' }

type Leased = {
  readonly deps: RunPlaybookDeps
  readonly run: StoredRun
  readonly approved: Approved
  readonly folder: RunFolder
  /** The play in check mode; null where nobody was asked. */
  readonly check: { readonly launched: Launched; readonly seen: Seen; readonly told: LaunchRequest['onEvent'] } | null
  /** The play itself. */
  readonly launch: () => Launched
  readonly heard: Heard
  readonly phase: { started: boolean }
}

/** A person approved a preview; what policy lets run by itself has been shown to nobody. */
const wasAsked = (run: StoredRun): boolean => run.decision !== null

/** Null when another worker has the run. */
async function leased({ deps, run, approved, folder, check, ...rest }: Leased): Promise<RunOutcome | null> {
  const { host, entry } = approved
  const { hardTimeoutSeconds } = entry.manifest
  const now = deps.now()
  const { id, planDigest, decision } = run
  const openSeconds = hardTimeoutSeconds + (check === null ? 0 : checkSeconds + launchSeconds)
  const until = after(now, beginSeconds + openSeconds + settleSeconds)
  const lease = await takeLease(deps.store, { run: id, host: host.id, planDigest, decision, now, until })
  if (lease.kind === 'not-planned') return null
  if (lease.kind === 'refused') return lease
  const request = { run: id, host, folder, hardTimeoutSeconds: openSeconds }
  const steps = [checkNow(deps, run, approved), deps.door.prepare?.(request) ?? Promise.resolve()] as const
  // Neither may still be at work in the folder when it is removed.
  await Promise.allSettled(steps)
  const [refusal] = await Promise.all(steps)
  if (refusal !== null) return refusal
  const begun = await deps.door.begin({ ...request, planDigest, fence: lease.fence })
  // It began there before, so nobody here can say what it did.
  if (begun.kind === 'refused' && begun.why === 'duplicate') return { kind: 'unknown', says: begun.says }
  if (begun.kind === 'refused' && begun.why === 'stale')
    await dropFence(deps.store, { run: run.id, host: host.id }, lease.fence)
  if (begun.kind === 'refused')
    return refused(begun.why === 'wrong-key' ? 'host.unknown-key' : 'run.refused', begun.says)
  // The session's time runs from here, however long the check then takes of it.
  const over = after(deps.now(), openSeconds + settleSeconds)
  return opened({ ...rest, deps, run, approved, folder, check }, { door: begun.door, until, over })
}

type Open = {
  readonly door: OpenDoor
  /** When the lease ends. */
  readonly until: Date
  /** When the host has certainly ended the session. */
  readonly over: Date
}

/** The door is open: the check where a person was asked, the last look at time and switch, the play. */
async function opened(leased: Leased, { door, until, over }: Open): Promise<RunOutcome | null> {
  const { deps, run, approved, folder, check, heard, phase } = leased
  const { plan, host, entry } = approved
  const { hardTimeoutSeconds } = entry.manifest
  const watched = {
    door,
    writeDoor: deps.door,
    expectChanged: plan.kind === 'remediate' && entry.manifest.expectChanged,
    cancelled: (deps.cancelled ?? temporalSignal)(),
    mustStop: async () => {
      const { stopped, says } = await readStop(deps.store)
      return stopped ? says : null
    },
  }
  const checked = check === null ? null : await checkFirst({ ...watched, ...check, plan })
  if (checked !== null) check?.told({ kind: 'checked', says: checked.says })
  const stop = await readStop(deps.store)
  const launched = stop.stopped || checked?.kind === 'differs' ? null : leased.launch()
  const mayStart = launched !== null && over <= until && (await markStarted(deps.store, run.id, deps.now(), over))
  if (launched === null || !mayStart) {
    const ended = await deps.door.end(door)
    const left = ended === null || ended.left === 0 ? '' : ` ${leftSays(host.name, ended.left)}`
    if (stop.stopped) return refused('stopped', `${stop.says}${left}`)
    if (checked?.kind === 'differs') return refused('run.not-as-previewed', `${checked.says}${left}`)
    return over > until ? refused('conflict.expired', 'Opening the door took longer than its lease allows.') : null
  }
  phase.started = true
  return carryOut({ ...watched, folder, launched, heard, hostName: host.name, hardTimeoutSeconds })
}

/** Events are written one after the other; a store that is away for a moment stops no run. */
function eventsOf(deps: RunPlaybookDeps, run: StoredRun, heard: Heard) {
  let sequence = 0
  let writing: Promise<void> = Promise.resolve()
  const add = (event: RunEvent) => {
    hear(heard, event)
    sequence += 1
    const row = { run: run.id, sequence, at: deps.now(), event: redactTexts(event) }
    writing = writing
      .then(() => insertRunEvents(deps.store, [row]))
      .catch((error: unknown) => deps.log.warn({ error, run: run.id }, 'an event of a run was not written'))
  }
  return { add, flushed: () => writing }
}

function end(deps: RunPlaybookDeps, run: StoredRun, outcome: RunOutcome): Promise<RunOutcome> {
  const told = outcome.kind === 'succeeded' ? outcome : { ...outcome, says: redactText(outcome.says) }
  return endRun(deps.store, run.id, told, deps.now())
}

function temporalSignal(): AbortSignal {
  return Context.current().cancellationSignal
}

function after(moment: Date, seconds: number): Date {
  return new Date(moment.getTime() + seconds * 1_000)
}
