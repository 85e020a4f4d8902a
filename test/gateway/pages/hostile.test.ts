import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TimelineEntry } from '../../../domain/timeline.ts'
import type { Store } from '../../../store/connect.ts'
import { approver, type Browser, browserOf } from '../../support/pages.ts'
import { testStore, type TestStore } from '../../support/postgres.ts'
import {
  seedDecision,
  seedEvidence,
  seedIncident,
  seedPlan,
  seedRun,
  seedRunEvents,
  seedStory,
} from '../../support/seed.ts'

const hostile = {
  'a script': '<script>alert(1)</script>',
  'an attribute that ends early': '"><img src=x onerror=alert(1)>',
  'an attribute with an apostrophe': "' onmouseover='alert(1)",
  'tags that close ours': '</pre></code></td></main><svg/onload=alert(1)>',
  'another base': '</title><base href=//evil.example>',
  'a script address': 'javascript:alert(1)',
  'a comment': '<!-- <form method="post" action="//evil.example">',
  entities: '&lt;script&gt;alert(1)&lt;/script&gt;',
  'a form': '<form method="post" action="https://evil.example/">',
  'text that turns around': '\u202Egpj.exe\u202C and \u2066isolated\u2069',
  'text that nobody sees': 'zero\u200Bwidth\u2060 soft\u00ADhyphen \u{E0061}tag',
  'control characters': '\u0007bell \u001b[31mred\u001b[0m \u009b31m',
  'other directions': 'مرحبا بالعالم server-01 שלום',
  'an endless label': `${'long-label-without-any-space'.repeat(400)}`,
  Markdown: '# heading\n\n[link](javascript:alert(1))\n```\ncode',
}

let db: TestStore
let browser: Browser
let plain: number
const now = new Date()

beforeAll(async () => {
  db = await testStore()
  browser = await browserOf(db.store, approver, { now: () => now })
  plain = await seedEverywhere(db.store, 'plain text')
})
afterAll(() => db.end())

const pages = ['', '/approve', '/hand-over'] as const

describe.each(Object.entries(hostile))('text from outside: %s', (_, text) => {
  let number = 0
  beforeAll(async () => {
    number = await seedEverywhere(db.store, text)
  })

  test.each(pages)('is only text on the page /incidents/N%s', async (path) => {
    const [benign, page] = [
      await browser.get(`/incidents/${plain}${path}`),
      await browser.get(`/incidents/${number}${path}`),
    ]
    expect(tags(page)).toEqual(tags(benign))
    expect(page.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\u{E0000}-\u{E007F}]/u)
    expect(Buffer.byteLength(page)).toBeLessThan(path === '/approve' ? 30_000 : 60_000)
  })

  test('is only text on the incident list and among the deliveries', async () => {
    const [list, sources] = [await browser.get('/'), await browser.get('/sources')]
    for (const page of [list, sources]) expect(page).not.toMatch(/<script>|<img|<svg\/|onerror="|evil\.example">/)
    expect(Buffer.byteLength(list)).toBeLessThan(60_000)
  })

  test('opens no heading, link or code block in the Markdown', async () => {
    const read = async (one: number) => (await browser.request(`/api/v1/incidents/${one}/hand-over`)).text()
    const [benign, pack] = [await read(plain), await read(number)]
    const shape = (markdown: string) => markdown.split('\n').map((line) => /^(#+|-| {4}|$)/.exec(line)?.[0] ?? 'text')
    expect(shape(pack)).toEqual(shape(benign))
    expect(pack.replaceAll(/\\.|`[^`]*`/g, '')).not.toMatch(/<script|\]\(|^```/m)
  })
})

/** Every tag with the names of its attributes, in order: what a page is, apart from what it says. */
function tags(page: string): readonly string[] {
  return [...page.matchAll(/<(\/?[a-z0-9]+)((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*\/?>/gi)].map(
    ([, name = '', attributes = '']) => `${name} ${[...attributes.matchAll(/([a-z-]+)(?:=|\s|$)/gi)].length}`,
  )
}

/** The same incident with this text in every field that anything from outside reaches. */
async function seedEverywhere(store: Store, text: string): Promise<number> {
  const openedAt = new Date(now.getTime() - 60_000)
  const incident = await seedIncident(store, {
    openedAt,
    title: text,
    severity: text,
    state: 'awaiting-approval',
    labels: { alertname: text, [text.slice(0, 300)]: text },
    annotations: { summary: text },
    link: `https://prometheus.example/${encodeURIComponent('x')}`,
  })
  const evidence = await seedEvidence(store, incident, [
    [
      { probe: 'unit-status', params: { unit: text } },
      { status: 'ok', facts: { state: text, list: [text, text] }, excerpt: text.repeat(4), truncated: true },
    ],
    [
      { probe: 'listeners', params: {} },
      { status: 'failed', reason: 'broken', message: text },
    ],
  ])
  const plan = await seedPlan(store, incident, {
    wants: text,
    because: text,
    preview: [{ says: text, items: [text, text], touches: [{ kind: 'file', name: text }], reversible: false }],
  })
  const outcome = { kind: 'failed', says: text, task: text, changed: 1 } as const
  const run = await seedRun(store, incident, plan, { after: 500, state: 'failed', outcome })
  await seedRunEvents(store, run, openedAt, [{ task: text, status: 'failed' }, text])
  await seedDecision(store, incident, 'b'.repeat(64), { person: text, reason: text })
  await seedStory(store, incident, story(text, { evidence, run, plan: plan.id, digest: plan.digest }))
  return Number(incident.number)
}

type Ids = {
  readonly evidence: readonly string[]
  readonly run: string
  readonly plan: string
  readonly digest: string
}

function story(text: string, { evidence, run, plan, digest }: Ids): readonly (readonly [number, TimelineEntry])[] {
  const check = { says: text, answer: 'fails', observed: text, evidence: null } as const
  const not = [{ playbook: text, signature: text, because: [check] }]
  const rule = { id: text, says: text }
  const expiresAt = new Date(now.getTime() + 600_000).toISOString()
  const preview = [{ says: text, items: [text], touches: [], reversible: false }]
  const named = { playbook: text, version: text, wants: text }
  return [
    [0, { kind: 'alerted', source: text, alerts: [text], severity: text }],
    [10, { kind: 'scoped', host: text, subjects: [text] }],
    [20, { kind: 'looked', host: text, round: 1, evidence, failed: 1, milliseconds: 9 }],
    [30, { kind: 'ambiguous', matches: [{ playbook: text, says: text }] }],
    [
      40,
      { kind: 'recognised', playbook: text, signature: text, says: text, params: { a: text }, checks: [check], not },
    ],
    [50, { kind: 'planned', plan, digest, ...named, attempt: 1, preview }],
    [60, { kind: 'policy', plan, answer: { verdict: 'ask', rule, policies: digest } }],
    [70, { kind: 'run-requested', run, plan, deadline: expiresAt, undo: false }],
    [80, { kind: 'run-ended', run, outcome: { kind: 'failed', says: text, task: text, changed: 1 }, undo: false }],
    [90, { kind: 'not-recovered', checks: [check], rule: 'unknown' }],
    [100, { kind: 'handed-over', reason: 'failed', says: text }],
    [110, { kind: 'decided', plan, verdict: 'reject', person: text, reason: text }],
    [120, { kind: 'asked', plan, digest, expiresAt }],
  ]
}
