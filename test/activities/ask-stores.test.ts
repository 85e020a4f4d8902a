// Named queries of the config as evidence: names of the inventory stand in them, and answers are bounded.
import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { type AskStoresDeps, createAskStores } from '../../activities/ask-stores.ts'
import type { Subject } from '../../domain/inventory.ts'
import type { LogQuestion } from '../../integrations/log-store.ts'
import { web } from './looking.ts'

const now = new Date('2026-11-21T10:00:00.000Z')
const profile = {
  metrics: { errors: { says: 'errors', query: 'rate(errors{instance=~"$host:.*",unit="$unit",at="$address"}[5m])' } },
  logs: { all: { says: 'all', query: '{host="$host"}' } },
}
const subjects: readonly Subject[] = [{ kind: 'unit', name: 'nginx.service' }]
const metrics = { kind: 'metrics', query: 'errors', contains: null, minutes: 60 } as const
const logs = { kind: 'logs', query: 'all', contains: 'refused', minutes: 5 } as const
type Asked = typeof metrics | (Omit<typeof logs, 'contains'> & { readonly contains: string | null })

const ask = (deps: Partial<AskStoresDeps>, question: Asked = metrics, host = web) =>
  createAskStores({ profile, metrics: null, logs: null, now: () => now, ...deps })([question], { host, subjects })

test('a metric is told now and before, by the inventory’s names', async () => {
  const asked: unknown[] = []
  const [evidence] = await ask({
    metrics: async (question) => {
      asked.push(question)
      return [{ labels: { code: '500' }, value: question.at === now.getTime() ? 0.4 : 0.01 }]
    },
  })
  const query = 'rate(errors{instance=~"web-01:.*",unit="nginx.service",at="127.0.0.1"}[5m])'
  expect(asked).toEqual([
    { query, at: now.getTime() },
    { query, at: now.getTime() - 3_600_000 },
  ])
  expect(evidence).toMatchObject({
    request: { probe: 'metrics', params: { query: 'errors', minutes: 60 } },
    outcome: {
      status: 'ok',
      facts: { now: 0.4, before: 0.01, series: 1 },
      excerpt: '{"code":"500"} now 0.4, before 0.01',
    },
  })
})

test('of many series those that moved most are told, and that there are more', async () => {
  const [evidence] = await ask({
    metrics: async ({ at }) =>
      Array.from({ length: 40 }, (_, n) => ({ labels: { n: String(n) }, value: at === now.getTime() ? n : 0 })),
  })
  expect(evidence?.outcome).toMatchObject({ status: 'ok', facts: { now: null, series: 40 }, truncated: true })
  expect(evidence?.outcome.status === 'ok' ? evidence.outcome.excerpt.split('\n') : []).toHaveLength(10)
  expect(evidence?.outcome.status === 'ok' ? evidence.outcome.excerpt : '').toMatch(/^\{"n":"39"\} now 39, before 0/)
})

test('what is no number is not one', async () => {
  const [evidence] = await ask({ metrics: async () => [{ labels: {}, value: Number.NaN }] })
  expect(evidence?.outcome).toMatchObject({ status: 'ok', facts: { now: null, before: null } })
})

test('lines of logs lose their secrets and stay short', async () => {
  const [evidence] = await ask(
    {
      logs: async () => [
        { at: '2026-11-21T09:59:00.000Z', text: `connection refused password=hunter2hunter2 ${'x'.repeat(2_000)}` },
      ],
    },
    logs,
  )
  expect(evidence?.request.params).toEqual({ query: 'all', minutes: 5, contains: 'refused' })
  expect(evidence?.outcome).toMatchObject({ status: 'ok', facts: { lines: 1, errors: 1 }, truncated: true })
  expect(JSON.stringify(evidence)).not.toContain('hunter2hunter2')
  expect(JSON.stringify(evidence).length).toBeLessThan(1_500)
})

test('a line is cut only once its secrets are out: no half of one is left', async () => {
  const key = `AKIA${'Q7'.repeat(8)}`
  for (const at of [480, 486, 490, 497]) {
    const text = `${'x '.repeat(at / 2)}${key} and more`
    const [evidence] = await ask({ logs: async () => [{ at: '2026-11-21T09:59:00.000Z', text }] }, logs)
    expect(JSON.stringify(evidence)).not.toMatch(/AKIA/)
  }
  const label = { path: `${'y '.repeat(95)}${key}` }
  const [evidence] = await ask({ metrics: async () => [{ labels: label, value: 1 }] })
  expect(JSON.stringify(evidence)).not.toMatch(/AKIA/)
})

test('a key that stands in many lines of a log is taken out as one', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().trim().split('\n')
  const at = '2026-11-21T09:59:00.000Z'
  const lines = async () => ['starting', ...key, 'connection refused'].map((text) => ({ at, text }))
  const [all] = await ask({ logs: lines }, { ...logs, contains: null })
  const said = JSON.stringify(all)
  expect(key.slice(1, -1).filter((line) => said.includes(line))).toEqual([])
  expect(all?.outcome).toMatchObject({ status: 'ok', facts: { lines: 3, errors: 1 } })
  expect(said).toContain('connection refused')
})

test('whoever asks for a part of a secret is told nothing, right guess or wrong', async () => {
  const line = { at: '2026-11-21T09:59:00.000Z', text: 'login refused db_password=4f81c2aa90d1' }
  const asked: LogQuestion[] = []
  const guess = async (contains: string) => {
    const [evidence] = await ask({ logs: async (question) => (asked.push(question), [line]) }, { ...logs, contains })
    return evidence
  }
  const [right, wrong, open] = await Promise.all(['db_password=4', 'db_password=5', 'login refused'].map(guess))
  expect(right?.outcome).toEqual(wrong?.outcome)
  expect(right?.outcome).toMatchObject({ facts: { lines: 0 }, excerpt: '' })
  expect(open?.outcome).toMatchObject({ facts: { lines: 1, searched: 1, since: line.at } })
  expect(JSON.stringify([right, wrong])).not.toMatch(/password=[45]/)
  expect(JSON.stringify(asked)).not.toContain('password')
})

test('a secret with colours in its middle is none in a label, either', async () => {
  const token = `ghp_Zq7wHunter2Kx9vT\u001B[1;31mr4mLp8Ab3dEf5gHj6kMn`
  const [evidence] = await ask({ metrics: async () => [{ labels: { note: token }, value: 1 }] })
  expect(evidence?.outcome.status).toBe('ok')
  expect(JSON.stringify(evidence)).not.toMatch(/Zq7w|Lp8Ab/)
})

test.each([
  ['a store that does not answer', { metrics: () => Promise.reject(new Error('nobody there')) }, 'unreachable'],
  ['no store', {}, 'refused'],
  ['a query that is not in the profile', { profile: { metrics: {}, logs: {} } }, 'refused'],
])('%s is evidence, too', async (_, deps, reason) => {
  const [evidence] = await ask(deps)
  expect(evidence?.outcome).toMatchObject({ status: 'failed', reason })
})

test('a query about a unit is not asked where there is none', async () => {
  const [evidence] = await ask({ metrics: async () => [] }, metrics, { ...web, units: [], endpoints: [] })
  expect(evidence?.outcome).toMatchObject({ status: 'failed', reason: 'refused' })
})
