import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { evidenceOfReply } from '../../activities/host-reply.ts'
import { canonicalJson } from '../../domain/canonical-json.ts'
import type { ProbeOutcome } from '../../domain/evidence.ts'
import { sha256 } from '../../runtime/digest.ts'
import { web } from './looking.ts'

const request = { probe: 'disk-usage', params: { mount: 'nginx-logs' } }
const facts = { usedPercent: 42 }
const probe = {
  description: 'A disk.',
  params: z.strictObject({ mount: z.string() }),
  facts: z.strictObject({ usedPercent: z.number().min(0).max(100) }),
  timeoutSeconds: 1,
}
const asked = {
  host: web,
  requests: [request],
  probes: new Map([['disk-usage', probe]]),
  takenAt: '2026-11-21T09:00:00.000Z',
}

const answer = {
  ...request,
  clock: '2026-11-21T09:00:00.000Z',
  milliseconds: 3,
  outcome: 'ok',
  facts,
  excerpt: 'x',
  truncated: false,
}
const reply = { version: 1, host: 'web-01', schema: 'a', clock: '2026-11-21T09:00:00.000Z' }

type Values = Readonly<Record<string, unknown>>

/** A reply with one answer, sealed as the host does. */
function sealed(change: Values = {}, around: Values = {}): string {
  const whole = { ...answer, ...change }
  return JSON.stringify({ ...reply, ...around, answers: [{ ...whole, digest: sha256(canonicalJson(whole)) }] })
}

function outcome(text: string): ProbeOutcome | undefined {
  const evidence = evidenceOfReply(asked, text)
  expect(evidence).toHaveLength(1)
  return evidence[0]?.outcome
}

describe("a host's reply", () => {
  it('becomes evidence whose id is its content', () => {
    const [evidence] = evidenceOfReply(asked, sealed())
    expect(evidence).toMatchObject({ request, outcome: { status: 'ok', facts, excerpt: 'x', truncated: false } })
    expect(evidenceOfReply(asked, sealed())[0]?.id).toBe(evidence?.id)
    expect(evidenceOfReply(asked, sealed({ excerpt: 'y' }))[0]?.id).not.toBe(evidence?.id)
  })

  it.each([
    ['nothing', ''],
    ['no JSON', '{"version":1'],
    ['a page', '<html>502</html>'],
    ['null', 'null'],
    ['another host', sealed({}, { host: 'web-02' })],
    ['no answers', JSON.stringify({ ...reply, answers: [] })],
    ['too many answers', JSON.stringify({ ...reply, answers: [answer, answer] })],
    ['another version', sealed({}, { version: 2 })],
    ['an extra key', sealed({}, { root: true })],
    ['an extra key in an answer', sealed({ root: true })],
    ['another probe', sealed({ probe: 'memory' })],
    ['other parameters', sealed({ params: { mount: 'root' } })],
    ['a forged digest', sealed().replace('"excerpt":"x"', '"excerpt":"z"')],
    ['a fact too many', sealed({ facts: { ...facts, more: 1 } })],
    ['a fact too few', sealed({ facts: {} })],
    ['a fact out of range', sealed({ facts: { usedPercent: -1 } })],
    ['text for a number', sealed({ facts: { usedPercent: '<script>' } })],
    ['an object for a number', sealed({ facts: { usedPercent: { valueOf: 1 } } })],
    ['an unknown outcome', sealed({ outcome: 'great' })],
    ['a clock that is none', sealed({ clock: 'yesterday' })],
  ])('that is %s is broken, never a fact', (_, text) => {
    expect(outcome(text)).toMatchObject({ status: 'failed', reason: 'broken' })
  })

  it('that denies everything is refused, in its own words without what misleads', () => {
    const denied = {
      ...reply,
      denied: { code: 'schema-mismatch', message: 'asked\u001B[31m with password=hunter2xyz' },
    }
    expect(outcome(JSON.stringify(denied))).toEqual({
      status: 'failed',
      reason: 'refused',
      message: 'asked with password=[redacted:secret]',
    })
  })

  it('has its excerpt redacted before anything else sees it', () => {
    expect(outcome(sealed({ excerpt: 'Authorization: Bearer abcdefghijklmnop0123' }))).toMatchObject({
      excerpt: 'Authorization: Bearer [redacted:authorization]',
    })
  })
})
