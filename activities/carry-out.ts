// One run from its first task to the last word: watched each second, stopped when told, judged by what was counted.
import type { RunOutcome } from '../domain/run.ts'
import { endGroup } from '../runtime/ansible/control-group.ts'
import { judge, type Statistics } from '../runtime/ansible/judge.ts'
import type { Launched, RunEvent } from '../runtime/ansible/launcher.ts'
import type { RunFolder } from '../runtime/ansible/run-folder.ts'
import type { OpenDoor, WriteDoor } from '../runtime/write-door.ts'

/** The kill switch is looked at this often; what it stops is stopped within five seconds. */
const watchMilliseconds = 1_000
/** After its statistics Ansible has nothing more to do; after a lost connection it notices within ten seconds. */
const lingerMilliseconds = 15_000
/** A switch that gives no answer for so long counts as set. */
const switchMilliseconds = 2_000
const unreadSwitch = 'the kill switch can’t be read, which counts as stopped'
/** Kept of the hard time-out for ending what runs then; the host ends it by itself at the time-out. */
const stopSeconds = 3
/** For Ansible to be gone here after it was killed. What a kill does not end hangs in the kernel. */
const goneMilliseconds = 7_000
/** For the host to have written the result down. */
const recordMilliseconds = 3_000

export type CarryOut = Watched & {
  readonly folder: RunFolder
  readonly heard: Heard
  readonly writeDoor: WriteDoor
  readonly hostName: string
  readonly expectChanged: boolean
  readonly hardTimeoutSeconds: number
}

/** What has to be looked at while Ansible runs. */
export type Watched = {
  readonly launched: Launched
  readonly door: OpenDoor
  /** Why it must stop now; null while it may go on. */
  readonly mustStop: () => Promise<string | null>
  /** Ends when the worker shuts down or the workflow cancels. */
  readonly cancelled: AbortSignal
}

/** What Ansible's events have said so far. */
export type Heard = { tasks: number; statistics: Statistics | null; says: string | null }

/** Takes one event into account. */
export function hear(heard: Heard, event: RunEvent): void {
  switch (event.kind) {
    case 'task':
      heard.tasks += 1
      return
    case 'stats':
      heard.statistics = event
      return
    case 'failed':
    case 'unreachable':
    case 'ignored':
      heard.says = event.says ?? null
      return
    case 'ready':
    case 'ok':
    case 'skipped':
    case 'checked':
      return
  }
}

/** Lets the first task begin and comes back when nothing of the run is alive here. */
export async function carryOut(run: CarryOut): Promise<RunOutcome> {
  run.launched.go()
  const timeout = {
    seconds: run.hardTimeoutSeconds - stopSeconds,
    says: `its hard time-out of ${run.hardTimeoutSeconds} s`,
  }
  const stopped = await untilEnded(run, timeout)
  if (stopped !== null) return stop(run, stopped)
  await Promise.race([run.door.recorded, run.door.closed, pause(recordMilliseconds)])
  const { tasks, statistics, says } = run.heard
  const outcome = judge({
    approved: [run.hostName],
    expectChanged: run.expectChanged,
    statistics,
    tasks,
    says: says ?? (statistics === null ? lastLine(run.launched.complaint()) : null),
  })
  const ended = await run.writeDoor.end(run.door)
  if (ended === null)
    return { kind: 'unknown', says: 'The host did not say that everything of the run has ended there.' }
  return ended.left === 0 ? outcome : { kind: 'unknown', says: leftSays(run.hostName, ended.left) }
}

/** Of processes that the host could not end. */
export function leftSays(host: string, left: number): string {
  return `On ${host} ${left === 1 ? 'one process of it is' : `${left} processes of it are`} still alive and can’t be ended.`
}

type Timeout = { readonly seconds: number; readonly says: string }

/** Null when Ansible ended by itself; else why it has to be stopped. */
export async function untilEnded(run: Watched, timeout: Timeout): Promise<string | null> {
  const deadline = performance.now() + timeout.seconds * 1_000
  const ended = run.launched.ended.then(() => 'ended' as const)
  const lost = run.door.closed.then(() => pause(lingerMilliseconds)).then(() => 'lost' as const)
  const cancelled = aborted(run.cancelled).then(() => 'cancelled' as const)
  for (;;) {
    const left = Math.max(0, Math.min(watchMilliseconds, deadline - performance.now()))
    const first = await Promise.race([ended, lost, cancelled, pause(left).then(() => 'tick' as const)])
    if (first === 'ended') return null
    if (first === 'lost') return 'the connection to the host was lost'
    if (first === 'cancelled') return 'the worker was told to stop'
    if (performance.now() >= deadline) return `it passed ${timeout.says}`
    const why = await Promise.race([run.mustStop(), pause(switchMilliseconds).then(() => unreadSwitch)])
    if (why !== null) return why
  }
}

/** Here and on the host, at the same time: the host's word decides whether it is known to be over. */
async function stop(run: CarryOut, why: string): Promise<RunOutcome> {
  const [, ended] = await Promise.all([stopHere(run.launched), run.writeDoor.cancel(run.door)])
  if (ended === null || ended.left > 0)
    return { kind: 'unknown', says: `Stopped, because ${why}; what the host still does is unknown.` }
  // It was ended between two words of Ansible: each task that began may have changed something.
  const changed = run.heard.tasks
  return {
    kind: 'failed',
    says: `Stopped, because ${why}. The host ended ${ended.killed} processes of it.`,
    task: null,
    changed,
  }
}

/** Waits for its end, but not for ever: the control group knows what is left. */
export async function stopHere(launched: Launched): Promise<void> {
  await Promise.race([launched.stop(), pause(goneMilliseconds)])
}

/** The end of what Ansible complained about. */
export function lastLine(text: string): string | null {
  return text.trim().split('\n').at(-1)?.slice(0, 400) || null
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref())
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** Ends whatever is left of the run on this machine. False when something can't be ended. */
export function endHere(folder: RunFolder): Promise<boolean> {
  return endGroup(folder.group, false)
}
