// Tells people what the outbox holds, through the config's notifiers. What can't be told for good is an alarm in the
// log.
import type { Delivered } from '../integrations/notifier.ts'
import type { LoadedNotifier } from '../integrations/load.ts'
import { startWorkLoop, type WorkLoop } from '../runtime/work-loop.ts'
import { claimLetters, letterFailed, letterSent, type Letter } from '../store/outbox.ts'
import type { GatewayDeps } from './deps.ts'

const pollMilliseconds = 2_000
const sendMilliseconds = 10_000

/** A message is tried this long; then nobody waits for it any more, and its incident's page says so. */
const patienceHours = 24

export type OutboxDeps = Pick<GatewayDeps, 'store' | 'secret' | 'now' | 'log'> & {
  readonly notifiers: ReadonlyMap<string, LoadedNotifier>
}

/**
 * Starts sending. Several gateways may do so at once: each row is claimed by one of them, so it is sent at least once.
 */
export function startOutbox(deps: OutboxDeps): WorkLoop {
  return startWorkLoop({
    idle: pollMilliseconds,
    pause: pollMilliseconds,
    failed: (error) => deps.log.warn({ error }, 'the outbox could not be read'),
    work: async (signal) => {
      const letters = await claimLetters(deps.store)
      await Promise.all(letters.map((letter) => send(deps, letter, signal)))
      return letters.length > 0
    },
  })
}

async function send(deps: OutboxDeps, letter: Letter, stopping: AbortSignal): Promise<void> {
  const delivered = await attempt(deps, letter, stopping)
  if (delivered.kind === 'sent') {
    const isCall = letter.body.kind === 'needs-you'
    return letterSent(deps.store, letter, isCall ? (delivered.againSeconds ?? null) : null)
  }
  const age = deps.now().getTime() - letter.createdAt.getTime()
  const giveUp = !delivered.retry || age > patienceHours * 3_600_000
  const told = { notifier: letter.notifier, incident: letter.incident, says: delivered.says }
  if (giveUp) deps.log.error(told, 'people could not be told, and it is not tried again')
  else deps.log.warn(told, 'people could not be told yet')
  return letterFailed(deps.store, letter, delivered.says, giveUp)
}

async function attempt({ notifiers, secret }: OutboxDeps, letter: Letter, stopping: AbortSignal): Promise<Delivered> {
  const notifier = notifiers.get(letter.notifier)
  if (notifier === undefined)
    return { kind: 'failed', retry: false, says: `The config has no notifier ${letter.notifier}.` }
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(sendMilliseconds)])
  try {
    return await notifier.notify(letter.body, { secret, signal })
  } catch (error) {
    return { kind: 'failed', retry: true, says: error instanceof Error ? error.message : 'It failed without a reason.' }
  }
}
