// An alert that comes, or goes on, while another one of the same incident is being repaired.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { theatre, type Theatre } from '../support/play.ts'
import { held, known, well, wrong } from '../support/stand-ins.ts'

let play: Theatre
beforeAll(async () => {
  play = await theatre()
})
afterAll(() => play.end())

describe('another alert', () => {
  test('that fires before a verified repair is closed is looked at, and the incident closes once all is well', async () => {
    let firings = 1
    const story = await play.begin({
      firings: () => firings,
      hold: () => {
        // It comes after the last look.
        firings = 2
        return held
      },
      health: () => ({ ...well, firings: 2 }),
    })

    expect(await story.over()).toMatchObject({ reason: 'recovered', says: expect.stringContaining('service-restart') })
    const after = story.kinds().slice(story.kinds().indexOf('verified'))
    expect(after).toEqual(['verified', 'more-alerts', 'scoped', 'looked', 'not-recognised', 'recovered', 'closed'])
    expect(play.stage.begun(story.incident)).toEqual(['service-restart'])
  })

  test('that fires before a verified repair is closed is handed over where it is not well', async () => {
    const story = await play.begin({ firings: () => 2, hold: () => held })

    expect(await story.until('handed-over')).toMatchObject({
      reason: 'novel',
      says: expect.stringContaining('and it held. Another alert goes on'),
    })
    expect(story.kinds()).not.toContain('closed')
    await story.close()
  })

  test('that fires before what ended by itself is closed is looked at', async () => {
    let firings = 2
    const story = await play.begin({
      recognise: () => ({ kind: 'none', not: [] }),
      firings: () => firings,
      health: () => ({ ...well, firings: firings === 2 ? 1 : firings }),
      collect: (round) => {
        if (round > 1) firings = 3
        return { evidence: ['e1'], failed: 0, milliseconds: 5, unreachable: null }
      },
    })

    expect(await story.over()).toMatchObject({ reason: 'recovered-by-itself' })
    expect(story.kinds()).toContain('more-alerts')
  })

  test('about something else goes on after the repair held: it is looked at, and nothing is undone', async () => {
    const story = await play.begin({
      plan: () => ({ hasUndo: true }),
      recognise: (tried) => known(tried.includes('service-restart') ? 'disk-space-reclaim' : 'service-restart'),
      hold: (playbook) => (playbook === 'service-restart' ? { ...held, kind: 'others' } : held),
    })

    expect(await story.over()).toMatchObject({
      reason: 'recovered',
      says: expect.stringMatching(/repaired by service-restart, .* repaired by disk-space-reclaim, /),
    })
    expect(play.stage.begun(story.incident)).toEqual(['service-restart', 'disk-space-reclaim'])
    expect(story.kinds()).toContain('verified')
    expect(story.kinds()).not.toContain('not-recovered')
  })

  test('during the soak leads to another look, and nothing is undone because of it', async () => {
    const story = await play.begin({
      plan: () => ({ hasUndo: true }),
      recognise: (tried) => known(tried.includes('service-restart') ? 'disk-space-reclaim' : 'service-restart'),
      hold: (playbook) => (playbook === 'service-restart' ? { ...wrong, kind: 'interrupted', firings: 2 } : held),
    })

    expect(await story.over()).toMatchObject({ reason: 'recovered' })
    expect(play.stage.begun(story.incident)).toEqual(['service-restart', 'disk-space-reclaim'])
    expect(story.kinds()).not.toContain('not-recovered')
  })

  test('that keeps coming is looked at so often and then handed over', async () => {
    let firings = 1
    const story = await play.begin({
      recognise: () => ({ kind: 'none', not: [] }),
      firings: () => firings,
      health: () => {
        firings += 1
        return { ...well, firings: firings - 1 }
      },
    })

    expect(await story.until('handed-over')).toMatchObject({
      reason: 'failed',
      says: expect.stringContaining('8 times'),
    })
    expect(story.kinds().filter((kind) => kind === 'looked')).toHaveLength(8)
    await story.close()
  })

  test('keeps with people what they have, though all was well a moment before', async () => {
    const refused = Promise.withResolvers<void>()
    let ends = false
    let asked = -Infinity
    const story = await play.begin({
      policy: () => 'forbid',
      source: () => 'resolved',
      firings: () => {
        // First for what was measured, then for the close.
        asked += 1
        if (asked === 2) refused.resolve()
        return ends ? 1 : 2
      },
      health: () => {
        asked = 0
        return well
      },
    })
    await refused.promise
    ends = true

    await story.handle.signal('alertsChanged')

    expect(await story.over()).toMatchObject({ reason: 'recovered-by-itself' })
  })
})
