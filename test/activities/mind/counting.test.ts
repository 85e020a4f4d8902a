// What a provider says of itself is not believed: of what it counted, of how long it waits, of what it was sent.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AskedModel } from '../../../activities/mind/exchange.ts'
import { Failure } from '../../../domain/failure.ts'
import type { Reply, Usage } from '../../../domain/model.ts'
import { knowSecrets } from '../../../runtime/known-secrets.ts'
import { putMessage, readExchanges } from '../../../store/investigation.ts'
import { begunIn, type Change, mindIn, paperModel, reply, said } from '../../support/paper-model.ts'
import { testStore, type TestStore } from '../../support/postgres.ts'

let db: TestStore
beforeAll(async () => {
  db = await testStore()
})
afterAll(() => db.end())

const mindOf = (planner: AskedModel, change?: Change) => mindIn(db.store, planner, change)
const answers = (change: Partial<Reply> = {}) => paperModel(() => Promise.resolve({ ...reply, ...change })).model

type OfTurn = Awaited<ReturnType<typeof begunIn>>

async function ledgerOf({ incident, turn }: OfTurn) {
  const row = await db.store
    .selectFrom('model_call')
    .selectAll()
    .where('incident', '=', incident)
    .where('turn', '=', turn)
    .executeTakeFirstOrThrow()
  const { state, attempts, input, output, sent_bytes: bytes } = row
  return { state, attempts, input, output, bytes, tokens: Number(row.tokens), dollars: Number(row.dollars) }
}

const usageOf = (change: Partial<Usage>): Usage => ({ input: 100, cacheRead: 0, cacheWrite: 0, output: 20, ...change })

describe('what a provider says it counted', () => {
  test.each([
    ['output beyond what a column holds', { output: 3_000_000_000 }],
    ['output beyond every number', { output: Number.MAX_SAFE_INTEGER }],
    ['input that nobody sent', { input: 2_000_000_000 }],
    ['a cache that nobody filled', { cacheRead: Number.MAX_SAFE_INTEGER, cacheWrite: Number.MAX_SAFE_INTEGER }],
  ])('is at most the worst case of that call, and the answer is kept: %s', async (_, usage) => {
    const first = await begunIn(db.store)
    expect(await mindOf(answers({ usage: usageOf(usage) })).askModel(first)).toEqual({ kind: 'answered' })
    const { state, attempts, tokens, dollars, bytes } = await ledgerOf(first)
    expect([state, attempts]).toEqual(['answered', 1])
    expect(tokens).toBeLessThanOrEqual(bytes + 1_000 + 8_192)
    expect(dollars).toBeLessThanOrEqual((1.25 * (bytes + 1_000) + 5 * 8_192) / 1_000_000)
    const { incident, investigation: number, turn } = first
    expect((await readExchanges(db.store, { incident, number, turn }))[0]?.answer).toMatchObject({ text: reply.text })
    const other = { ...(await begunIn(db.store)), turn: 1 }
    expect(await mindOf(answers(), { budgets: { day: { dollars: 5 } } }).askModel(other)).toEqual({ kind: 'answered' })
  })

  const words = 'word '.repeat(2_000)
  test.each([
    ['nothing at all', { input: 0, output: 0 }],
    ['one token for pages', { input: 1, output: 1 }],
  ])('is estimated where it is far less than what was sent and heard: %s', async (_, usage) => {
    const first = await begunIn(db.store, words)
    const calls = [{ id: 'a', name: 'escalate', input: { hypothesis: words } }]
    await mindOf(answers({ text: words, calls, usage: usageOf(usage) })).askModel(first)
    const { input, output, dollars } = await ledgerOf(first)
    expect(input).toBeGreaterThan(2_000)
    expect(output).toBeGreaterThan(4_000)
    expect(dollars).toBeGreaterThan(0.02)
  })

  test('counts as it was said where it can be, also where a cache gave nearly all', async () => {
    const first = await begunIn(db.store, words)
    await mindOf(answers({ usage: usageOf({ input: 3, cacheRead: 2_600, output: 5 }) })).askModel(first)
    expect(await ledgerOf(first)).toMatchObject({ input: 3, output: 5, tokens: 2_608 })
  })
})

describe('a secret of this process that a provider repeats', () => {
  const key = '9f8e7d6c5b4a39281706f5e4d3c2b1a0x'
  const base64 = Buffer.from(key).toString('base64')
  beforeAll(() => knowSecrets([key]))

  test('does not stand in what is kept of the answer', async () => {
    const hidden = `${key.slice(0, 9)}\u200B${key.slice(9)}`
    const calls = [
      { id: 'a', name: 'look', input: { host: key, [key]: [{ of: base64 }] } },
      { id: 'b', name: 'look', input: `{"host":"${key}` },
    ]
    const own = { model: 'paper-1', blocks: [{ type: 'thinking', thinking: `It is ${key}.`, signature: 'a+b/c=' }] }
    const first = await begunIn(db.store)
    await mindOf(answers({ text: `You sent ${key} and ${hidden}.`, calls, own })).askModel(first)
    const { incident, investigation: number, turn } = first
    const answer = JSON.stringify((await readExchanges(db.store, { incident, number, turn }))[0]?.answer)
    expect(answer).not.toMatch(new RegExp(`${key}|${base64.replace(/=+$/, '')}|${hidden}`))
    expect(answer).toContain('You sent [redacted:known] and [redacted:known].')
    expect(answer).toContain('a+b/c=')
  })

  test('is all that is taken out: what is sent back is else as it came, byte for byte', async () => {
    const text = 'a\r\nb\u200D \u001B[31mred\u001B[0m password=hunter2hunter2'
    const own = { model: 'paper-1', blocks: [{ type: 'thinking', thinking: text, signature: 'sig' }] }
    const calls = [{ id: 'a', name: 'look', input: { host: text } }]
    const first = await begunIn(db.store)
    await mindOf(answers({ text, calls, own })).askModel(first)
    const { incident, investigation: number, turn } = first
    const [exchange] = await readExchanges(db.store, { incident, number, turn })
    expect(exchange?.answer).toEqual({ role: 'assistant', text, calls, own })
  })
})

test('what a provider wants to be left alone for is time of its incident: one that is polite for ever does not hold it', async () => {
  const cause = Object.assign(new Error('busy'), { status: 503 })
  const busy = new Failure({
    code: 'upstream.unavailable',
    message: 'It answered 503.',
    retryAfterMilliseconds: 299_000,
    cause,
  })
  const { model, asked } = paperModel(() => Promise.reject(busy))
  const first = await begunIn(db.store)
  const budgets = { incident: { seconds: 900 } }
  for (let attempt = 1; attempt <= 3; attempt += 1)
    await expect(mindOf(model, { budgets }).askModel(first)).rejects.toThrow('503')
  const over = { kind: 'over-budget', says: expect.stringContaining('of 15 min') }
  expect(await mindOf(model, { budgets }).askModel(first)).toMatchObject(over)
  const second = { ...first, turn: 2 }
  await putMessage(db.store, { ...second, number: second.investigation }, said('Go on.'))
  expect(await mindOf(model, { budgets }).askModel(second)).toMatchObject(over)
  expect(asked).toHaveLength(3)
  expect(await ledgerOf(first)).toMatchObject({ state: 'failed', tokens: 0 })
})
