// What a run came to, computed from what was approved and what Ansible counted. Its exit code proves nothing.
import { z } from 'zod'
import type { RunOutcome } from '../../domain/run.ts'

const count = z.int().min(0)

/** Ansible's counts per host, as the event plugin sends them and the host's record keeps them. */
export const Statistics = z.object({
  hosts: z.record(
    z.string(),
    z.object({
      ok: count,
      failures: count,
      unreachable: count,
      changed: count,
      skipped: count,
      rescued: count,
      ignored: count,
    }),
  ),
  tasks: count,
  failedTask: z.string().nullable(),
})
export type Statistics = z.output<typeof Statistics>

type Case = {
  /** Names of the hosts that were approved. */
  readonly approved: readonly string[]
  readonly expectChanged: boolean
  /** Null when Ansible ended without any. */
  readonly statistics: Statistics | null
  /** Tasks that began. */
  readonly tasks: number
  /** What the last failed task said. */
  readonly says: string | null
  /** In check mode a task that is not tried counts as carried out. */
  readonly check?: boolean
}

/**
 * Success needs every approved host, and no other, with something done and nothing failed, lost, rescued or ignored.
 */
export function judge({ approved, expectChanged, statistics, tasks, says, check = false }: Case): RunOutcome {
  if (statistics === null) {
    if (tasks > 0) return { kind: 'unknown', says: 'Ansible ended in the middle of a task without any statistics.' }
    return failed('Ansible ended before the first task.', says)
  }
  const hosts = Object.keys(statistics.hosts)
  const sum = (of: keyof Statistics['hosts'][string]) =>
    Object.values(statistics.hosts).reduce((total, one) => total + one[of], 0)
  const changed = sum('changed')
  const task = statistics.failedTask
  if (sum('unreachable') > 0) {
    return { kind: 'unknown', says: `The connection was lost${task === null ? '' : ` in the task “${task}”`}.` }
  }
  if (hosts.length === 0 || sum('ok') + sum('failures') + (check ? sum('skipped') : 0) === 0)
    return failed('No task was carried out on the host.', says)
  if (hosts.length !== approved.length || hosts.some((host) => !approved.includes(host))) {
    return { kind: 'unknown', says: `Ansible worked on ${hosts.join(', ')}, and ${approved.join(', ')} was approved.` }
  }
  if (sum('failures') > 0) return { ...failed(says ?? 'A task failed.', null), task, changed }
  if (sum('rescued') > 0) return { ...failed('A task failed and was rescued.', says), task, changed }
  if (sum('ignored') > 0) return { ...failed('A task failed and was ignored.', says), task, changed }
  if (expectChanged && changed === 0) return failed('Nothing was changed, and a change was expected.', null)
  return { kind: 'succeeded', changed, tasks: sum('ok') }
}

function failed(what: string, detail: string | null): Extract<RunOutcome, { kind: 'failed' }> {
  return { kind: 'failed', says: detail === null ? what : `${what} ${detail}`, task: null, changed: 0 }
}
