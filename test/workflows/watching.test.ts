// Many incidents in their soak at the same time, as in an outage of the whole fleet.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { theatre, type Theatre } from '../support/play.ts'
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
    const before = await Promise.all(Array.from({ length: 45 }, (_, at) => play.begin({ ...on(`web-${at}`), hold })))
    await vi.waitFor(() => expect(watched).toBe(before.length), 8 * minute)

    const fresh = await play.begin(on('db-01'))

    expect(await fresh.over()).toMatchObject({ reason: 'recovered' })
    release(held)
    await Promise.all(before.map((story) => story.over()))
  },
  15 * minute,
)
