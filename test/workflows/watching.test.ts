// Many incidents in their soak at the same time, as in an outage of the whole fleet.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Played, theatre, type Theatre } from '../support/play.ts'
import { held, target } from '../support/stand-ins.ts'

const minute = 60_000

let play: Theatre
beforeAll(async () => {
  play = await theatre()
})
afterAll(() => play.end())

test(
  'repairs that are being watched do not keep a new incident from being looked at and repaired',
  async () => {
    let watched = 0
    let release: (soaked: typeof held) => void = () => undefined
    const over = new Promise<typeof held>((resolve) => (release = resolve))
    const hold = (): typeof over => {
      watched += 1
      return over
    }
    const on = (host: string) => ({ scope: { ...target, host, hostName: host } })
    const before: Played[] = []
    // A few at a time: where all begin at once on a busy machine, this one process answers some of them too late.
    while (before.length < 45) {
      const few = Array.from({ length: 5 }, (_, at) => play.begin({ ...on(`web-${before.length + at}`), hold }))
      before.push(...(await Promise.all(few)))
      await vi.waitFor(() => expect(watched).toBe(before.length), 3 * minute)
    }

    const fresh = await play.begin(on('db-01'))

    expect(await fresh.over()).toMatchObject({ reason: 'recovered' })
    release(held)
    await Promise.all(before.map((story) => story.over()))
  },
  15 * minute,
)
