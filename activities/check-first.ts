// Step 12, where a person was asked: the same play in check mode before it is let go. What it would do beyond the
// preview that was approved keeps it from running. What check mode skips is not previewed, and never counts as a pass.
import type { Plan } from '../domain/plan.ts'
import { allows } from '../domain/touch.ts'
import { judge } from '../runtime/ansible/judge.ts'
import type { RunEvent, Would } from '../runtime/ansible/launcher.ts'
import type { WriteDoor } from '../runtime/write-door.ts'
import { hear, type Heard, lastLine, stopHere, untilEnded, type Watched } from './carry-out.ts'

/** The check itself; the door and the lease are open for so much longer, and for `launchSeconds`. */
export const checkSeconds = 60
/** For starting Ansible once more. */
export const launchSeconds = 5
/** So many differences are told. */
const toldDifferences = 3
const longestTold = 200

export type CheckFirst = Watched & {
  readonly writeDoor: WriteDoor
  /** Filled by the launcher's events through `see`. */
  readonly seen: Seen
  readonly plan: Plan
  readonly expectChanged: boolean
}

/** What the check has said so far. */
export type Seen = Heard & { readonly would: (Would & { readonly task: string })[]; blind: number }

export function nothingSeen(): Seen {
  return { tasks: 0, statistics: null, says: null, would: [], blind: 0 }
}

/** Takes one event of the check into account. */
export function see(seen: Seen, event: RunEvent): void {
  hear(seen, event)
  if (!('would' in event) || event.would === undefined) return
  const { task, would, blind } = event
  seen.would.push(...would.map((one) => ({ ...one, task })))
  if (blind === true) seen.blind += 1
}

/** `differs`: nothing may begin. */
export type Checked = { readonly kind: 'as-approved' | 'differs'; readonly says: string }

/** Lets the check begin, and comes back when nothing of it is alive here. Changes nothing on the host. */
export async function checkFirst(run: CheckFirst): Promise<Checked> {
  run.launched.go()
  const stopped = await untilEnded(run, { seconds: checkSeconds, says: `the check's time-out of ${checkSeconds} s` })
  if (stopped !== null) {
    await Promise.all([stopHere(run.launched), run.writeDoor.cancel(run.door)])
    return { kind: 'differs', says: `The check before it was stopped, because ${stopped}.` }
  }
  const { tasks, statistics, says } = run.seen
  const outcome = judge({
    approved: run.plan.hosts.map((host) => host.name),
    expectChanged: false,
    check: true,
    statistics,
    tasks,
    says: says ?? (statistics === null ? lastLine(run.launched.complaint()) : null),
  })
  if (outcome.kind === 'succeeded') return compared(run)
  const where = outcome.kind === 'failed' && outcome.task !== null ? ` in the task “${outcome.task}”` : ''
  return { kind: 'differs', says: `The check before it did not pass${where}: ${outcome.says}` }
}

function compared({ seen, plan, expectChanged }: CheckFirst): Checked {
  const beyond = seen.would.filter((one) => !isApproved(plan, one))
  if (beyond.length > 0) {
    const told = beyond.slice(0, toldDifferences).map((one) => `${nameOf(one)} (“${cut(one.task)}”)`)
    const more = beyond.length > told.length ? ` and ${beyond.length - told.length} more` : ''
    return {
      kind: 'differs',
      says: `It would change what the approved preview does not name: ${told.join(', ')}${more}.`,
    }
  }
  const { tasks, blind } = seen
  if (expectChanged && seen.would.length === 0 && blind === 0)
    return { kind: 'differs', says: 'It would change nothing any more, and a change was approved.' }
  const unseen = blind === 0 ? '' : `; ${blind} could not be previewed, for check mode skips them`
  return {
    kind: 'as-approved',
    says: `${tasks - blind} of ${tasks} tasks would do nothing but what was approved${unseen}.`,
  }
}

/** Only the plan's data count: no sentence of it allows anything. */
function isApproved({ preview }: Plan, { kind, name }: Would): boolean {
  return kind !== 'unnamed' && preview.some(({ touches }) => touches.some((touch) => allows(touch, { kind, name })))
}

function nameOf({ kind, name }: Would): string {
  return kind === 'folder' ? `everything below ${cut(name)}` : cut(name)
}

function cut(text: string): string {
  return text.length > longestTold ? `${text.slice(0, longestTold)}…` : text
}
