// Acts inside a host from outside, as root, through its namespaces; nothing of Millwright is asked or used.
import { Failure } from '../domain/failure.ts'
import { identify } from './process.ts'
import { attempt, type Ran } from './run.ts'
import type { HostState } from './state.ts'

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

type InsideOptions = { readonly timeoutMs?: number; readonly input?: string }

/** Runs a command inside a host; ending with another code than 0 is a result. */
export async function attemptInside(
  host: HostState,
  argv: readonly string[],
  options: InsideOptions = {},
): Promise<Ran> {
  const leader = host.leader
  if (leader === undefined || identify(leader.pid)?.started !== leader.started) {
    const hint = 'The host is down. Stop the lab and start it again.'
    throw new Failure({
      code: 'host.unreachable',
      message: `The lab's host ${host.name} has no first process any more.`,
      hint,
    })
  }
  const namespaces = ['--mount', '--uts', '--ipc', '--net', '--pid', '--root', '--wd']
  return attempt(
    [
      'nsenter',
      '--target',
      String(leader.pid),
      ...namespaces,
      '--',
      'env',
      '-i',
      `PATH=${path}`,
      'LC_ALL=C.UTF-8',
      ...argv,
    ],
    options,
  )
}

/** Runs a command inside a host and returns what it printed; throws when it did not end with 0. */
export async function inside(host: HostState, argv: readonly string[], options: InsideOptions = {}): Promise<string> {
  const ran = await attemptInside(host, argv, options)
  if (ran.exitCode === 0) return ran.stdout
  const said = `${ran.stderr}\n${ran.stdout}`.trim().slice(-500)
  throw new Failure({
    code: 'upstream.unavailable',
    message: `"${argv.join(' ')}" inside ${host.name} ended with ${String(ran.exitCode)}: ${said}`,
  })
}

/** Asks the host's own systemd. */
export function systemctl(host: HostState, ...args: readonly string[]): Promise<string> {
  return inside(host, ['systemctl', ...args])
}
