// Keeps one child running: started again when it ends by itself, with growing pauses and without end.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Exit } from './child.ts'

/** Pauses before the next start, milliseconds; the last one repeats. */
const pauses = [250, 500, 1_000, 2_000, 5_000, 15_000, 30_000] as const
/** A child that held out this long is well: the next pause is the first again. */
const wellAfterMilliseconds = 60_000

export type Startable = {
  readonly pid: number | null
  readonly exited: Promise<Exit>
  readonly stop: () => Promise<void>
}

export type Kept<T extends Startable> = {
  readonly name: string
  /** The one that runs now, or ran last. */
  readonly now: () => T
  /** Ends it for good. */
  readonly stop: () => Promise<void>
}

type Keep<T> = {
  readonly name: string
  readonly start: () => Promise<T>
  readonly log: Logger
  /** After each start but the first. */
  readonly changed: () => void
}

/** The first start must succeed; its fault is thrown. */
export async function keepRunning<T extends Startable>({ name, start, log, changed }: Keep<T>): Promise<Kept<T>> {
  let now = await start()
  const stopping = new AbortController()
  const watching = watch()
  return { name, now: () => now, stop }

  async function watch(): Promise<void> {
    let failures = 0
    while (!stopping.signal.aborted) {
      const since = Date.now()
      const exit = await now.exited
      if (stopping.signal.aborted) return
      if (Date.now() - since > wellAfterMilliseconds) failures = 0
      log.error({ child: name, ...exit }, `${name} ended by itself; starting it again`)
      failures = await startAgain(failures)
    }
  }

  /** Answers how many starts have failed or were short-lived. */
  async function startAgain(failures: number): Promise<number> {
    for (let tried = failures; ; tried += 1) {
      await sleep(pauses[Math.min(tried, pauses.length - 1)], null, { signal: stopping.signal }).catch(() => undefined)
      if (stopping.signal.aborted) return tried
      try {
        now = await start()
      } catch (error) {
        log.error({ child: name, error }, `${name} could not be started.`)
        continue
      }
      log.warn({ child: name }, `${name} runs again`)
      noted()
      return tried + 1
    }
  }

  /** It runs, whether or not that could be written down: a second one beside it would be worse. */
  function noted(): void {
    try {
      changed()
    } catch (error) {
      log.error({ child: name, error }, `It could not be written down that ${name} runs.`)
    }
  }

  async function stop(): Promise<void> {
    stopping.abort()
    await now.stop()
    await watching
    // A start that was under way while we stopped.
    await now.stop()
  }
}
