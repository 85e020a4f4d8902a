import { afterAll, beforeAll, expect, test } from 'vitest'
import type { HistoryQuestion, RuleHistory } from '../../../domain/history.ts'
import { approver, browserOf, seen } from '../../support/pages.ts'
import { testStore, type TestStore } from '../../support/postgres.ts'
import { repaired } from '../../support/scenarios.ts'
import type { Seeded } from '../../support/seed.ts'

let db: TestStore
let incident: Seeded
const now = new Date()

beforeAll(async () => {
  db = await testStore()
  incident = await repaired(db.store, new Date(now.getTime() - 600_000))
})
afterAll(() => db.end())

async function pageWith(answer: (question: HistoryQuestion) => RuleHistory | null): Promise<string> {
  const browser = await browserOf(db.store, approver, {
    now: () => now,
    history: async (_, question) => answer(question),
  })
  return browser.get(`/incidents/${incident.number}`)
}

const history = (points: RuleHistory['points']): RuleHistory => ({
  expression: 'probe_success{job="<b>"}',
  threshold: { op: '==', value: 0 },
  points,
})

test('the expression is drawn with marks for alert, repair and recovery', async () => {
  const page = await pageWith(({ from, to }) => {
    const [start, end] = [Date.parse(from), Date.parse(to)]
    return history([
      [start, 1],
      [start + 40_000, 0],
      [start + 64_000, 1],
      [end, 1],
    ])
  })
  const text = seen(page)
  expect(text).toContain('probe_success{job="<b>"} fires when == 0')
  for (const word of ['alert', 'repair', 'recovered'])
    expect(page).toMatch(new RegExp(`class="key \\w+">\\s*${word} <time`))
  expect(page.match(/class="mk /g)).toHaveLength(3)
  expect(page).toMatch(/<path class="line" d="M8 \S+H\S+V\S+H/)
})

test.each([
  ['nothing is known', null],
  ['there is one point', history([[now.getTime(), 1]])],
  [
    'no value is a number',
    history([
      [now.getTime() - 9, Number.NaN],
      [now.getTime(), Number.NaN],
    ]),
  ],
])('when %s there is no chart and no empty box', async (_, answer) => {
  expect(await pageWith(() => answer)).not.toMatch(/<figure|class="chart/)
})

test('a flat line is drawn, too', async () => {
  const page = await pageWith(({ from, to }) => ({
    ...history([
      [Date.parse(from), 1],
      [Date.parse(to), 1],
    ]),
    threshold: null,
  }))
  expect(page).not.toContain('NaN')
  expect(page).toContain('<figure')
})

test('a repair is marked where it began, and the chart ends where its times do', async () => {
  const [run] = await db.store.selectFrom('run').select('started_at').where('incident', '=', incident.id).execute()
  const page = await pageWith(({ from, to }) =>
    history([
      [Date.parse(from), 1],
      [Date.parse(to), 0],
    ]),
  )
  expect(page).toMatch(new RegExp(`repair <time[^>]*datetime="${run?.started_at?.toISOString()}"`))
  expect(page).toMatch(/<p class="ends">\s*<small>[^]*?<\/small>\s*<small>[^]*?<\/small>\s*<\/p>/)
})

test('a run that was refused before it started is no repair', async () => {
  const refused = await repaired(db.store, new Date(now.getTime() - 900_000))
  const outcome = { kind: 'refused', says: 'Another change was under way.', code: 'policy.forbidden' } as const
  const { id } = refused
  await db.store
    .updateTable('run')
    .set({ state: 'refused', outcome: JSON.stringify(outcome), started_at: null })
    .where('incident', '=', id)
    .execute()
  const browser = await browserOf(db.store, approver, {
    now: () => now,
    history: async (_, { from, to }) =>
      history([
        [Date.parse(from), 0],
        [Date.parse(to), 1],
      ]),
  })
  const page = await browser.get(`/incidents/${refused.number}`)
  expect(page).toMatch(/class="key \w+">\s*alert <time/)
  expect(page).not.toMatch(/class="key \w+">\s*repair/)
})
