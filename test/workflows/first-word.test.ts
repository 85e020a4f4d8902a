// Several people speak about one plan: the first word that is accepted settles it, and every later one is refused.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  acceptClose,
  acceptDecision,
  acceptQuestion,
  asking,
  decided,
  settle,
  type Asked,
} from '../../workflows/consent.ts'
import { theatre, type Played, type Theatre } from '../support/play.ts'

const until = new Date(Date.now() + 3_600_000).toISOString()
const pending = { plan: 'plan_1', digest: 'd', approvals: 1, kind: 'repair', until } as const
const waiting = asking(pending)

type Word = (asked: Asked | null, person: string) => Asked | null

const verdict =
  (said: 'approve' | 'reject' | 'take-over'): Word =>
  (asked, person) => {
    const decision = { id: person, planDigest: 'd', verdict: said, person, reason: '', validUntil: until }
    acceptDecision(asked, decision, Date.now())
    return decided(asked, decision)
  }

const words: Readonly<Record<string, Word>> = {
  approval: verdict('approve'),
  rejection: verdict('reject'),
  'take-over': verdict('take-over'),
  'wish for fresh evidence': (asked, person) => {
    const question = { planDigest: 'd', person, says: '' }
    acceptQuestion(asked, question, 0)
    return settle(asked, { kind: 'more', question })
  },
  close: (asked, person) => {
    acceptClose(asked)
    return settle(asked, { kind: 'closing', closing: { person, says: '' } })
  },
}
const pairs = Object.keys(words).flatMap((first) => Object.keys(words).map((second) => [first, second] as const))

test.each(pairs)("ann's %s stands, and bob's %s after it is refused with her name", (first, second) => {
  const settled = words[first]?.(waiting, 'ann') ?? null

  expect(settled?.settled).not.toBeNull()
  expect(() => words[second]?.(settled, 'bob')).toThrow(/^ann .* before/)
})

test.each(['rejection', 'take-over'])("ann's %s counts where two must approve, also after her approval", (word) => {
  const open = words['approval']?.(asking({ ...pending, approvals: 2 }), 'ann') ?? null
  expect(open?.settled).toBeNull()
  expect(() => words['approval']?.(open, 'ann')).toThrow('You have approved this already')

  const settled = words[word]?.(open, 'ann') ?? null

  expect(settled?.settled).toMatchObject({ kind: 'decided', decision: { person: 'ann' } })
  expect(() => words['approval']?.(settled, 'bob')).toThrow(/^ann .* before/)
})

describe('a close and an approval at once', () => {
  let play: Theatre
  beforeAll(async () => {
    play = await theatre()
  })
  afterAll(() => play.end())

  test('while no worker runs: one of them counts', async () => {
    const story = await play.begin({ policy: () => 'ask' })
    await story.until('asked')
    const comeBack = await play.leave()

    const said = both(story)
    await comeBack()

    await oneCounted(story, await said)
  })

  test('while the asking is still being written: one of them counts', async () => {
    const written = Promise.withResolvers<void>()
    const story = await play.begin({
      policy: () => 'ask',
      recording: (kind) => (kind === 'asked' ? written.promise : undefined),
    })
    await story.until('asked')

    const said = await both(story)
    written.resolve()

    await oneCounted(story, said)
  })

  async function oneCounted(story: Played, { close, approval }: Awaited<ReturnType<typeof both>>): Promise<void> {
    expect([close, approval].toSorted()).toEqual(['fulfilled', 'rejected'])
    const counts = close === 'fulfilled'
    expect(await story.over()).toMatchObject({ reason: counts ? 'closed-by-person' : 'recovered' })
    expect(play.stage.begun(story.incident)).toEqual(counts ? [] : ['service-restart'])
  }
})

async function both(story: Played) {
  const [close, approval] = await Promise.allSettled([story.close(), story.decide({ person: 'bob' })])
  return { close: close.status, approval: approval.status }
}
