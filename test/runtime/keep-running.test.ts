import { expect, test, vi } from 'vitest'
import { pino } from 'pino'
import type { Exit } from '../../runtime/child.ts'
import { keepRunning } from '../../runtime/keep-running.ts'

test('a start that can not be written down, as on a full disk, is no reason to start a second one beside it', async () => {
  const exits: ((exit: Exit) => void)[] = []
  const start = vi.fn(async () => ({
    pid: exits.length + 1,
    exited: new Promise<Exit>((ended) => exits.push(ended)),
    stop: async () => {
      for (const ended of exits) ended({ code: 0, signal: null })
    },
  }))
  const changed = vi.fn(() => {
    throw new Error('ENOSPC')
  })
  const kept = await keepRunning({ name: 'one', start, log: pino({ enabled: false }), changed })

  exits[0]?.({ code: 1, signal: null })
  await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(1), 60_000)
  // Longer than the pause before another start.
  await new Promise((resolve) => setTimeout(resolve, 700))

  expect(start).toHaveBeenCalledTimes(2)
  expect(kept.now().pid).toBe(2)
  await kept.stop()
})
