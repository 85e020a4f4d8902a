import { mkdirSync } from 'node:fs'
import { AxeBuilder } from '@axe-core/playwright'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TimelineEntry } from '../../domain/timeline.ts'
import { quarantineHost } from '../../store/quarantine.ts'
import { writeTransition } from '../../store/transition.ts'
import { desk, phone, type Site, siteOf } from '../support/chromium.ts'
import { investigated, proposed } from '../support/investigated.ts'
import { approver } from '../support/pages.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { awaiting, byItself, handedOver, notRecovered, recovering, repaired } from '../support/scenarios.ts'
import { type Seeded, seedPlan } from '../support/seed.ts'

const shots = process.env['SHOTS']
if (shots !== undefined) mkdirSync(shots, { recursive: true })

let db: TestStore
let site: Site
let asked: Awaited<ReturnType<typeof awaiting>>
let live: Seeded
const ago = (minutes: number): Date => new Date(Date.now() - minutes * 60_000)

beforeAll(async () => {
  db = await testStore()
  await repaired(db.store, ago(5))
  await byItself(db.store, ago(9))
  await handedOver(db.store, ago(3))
  await notRecovered(db.store, ago(4))
  asked = await awaiting(db.store, new Date())
  const actor = 'agent:millwright'
  const because = 'What a run of INC-3 did here is not known: the link to the host was cut.'
  const owned = { team: 'default', environment: 'lab' }
  await quarantineHost(db.store, { ...owned, host: 'web-01', because, actor, at: ago(3) })
  live = await recovering(db.store, new Date())
  await investigated(db.store, ago(2))
  await proposed(db.store, ago(2))
  site = await siteOf(db.store, approver, {
    history: async (_, { from, to }) => {
      const [start, end] = [Date.parse(from), Date.parse(to)]
      const points = [
        [start, 1],
        [start + 45_000, 0],
        [start + 64_500, 1],
        [end, 1],
      ] as const
      return { expression: 'probe_success{job="blackbox"}', threshold: { op: '==', value: 0 }, points }
    },
  })
})
afterAll(async () => {
  await site.end()
  await db.end()
})

const paths = {
  list: '/',
  repaired: '/incidents/1',
  'handed-over': '/incidents/3',
  failed: '/incidents/4',
  waiting: '/incidents/5',
  recovering: '/incidents/6',
  investigated: '/incidents/7',
  approve: '/incidents/5/approve',
  'approve-novel': '/incidents/8/approve',
  'hand-over': '/incidents/3/hand-over',
  playbooks: '/playbooks',
  playbook: '/playbooks/service-restart',
  hosts: '/hosts',
  sources: '/sources',
  people: '/people',
  missing: '/incidents/99',
} as const

const looks = [
  { scheme: 'light', size: phone },
  { scheme: 'dark', size: phone },
  { scheme: 'light', size: desk },
  { scheme: 'dark', size: desk },
] as const

describe.each(looks)('in $scheme at $size.width pixels', (look) => {
  let context: BrowserContext
  let page: Page
  beforeAll(async () => {
    context = await site.open(look)
    page = await context.newPage()
  })
  afterAll(() => context.close())

  test.each(Object.entries(paths))('%s has nothing that axe objects to, and fits the width', async (name, path) => {
    await page.goto(`${site.url}${path}`)
    const { violations, passes } = await new AxeBuilder({ page }).analyze()
    expect(passes.length).toBeGreaterThan(10)
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(look.size.width)
    if (shots !== undefined) {
      await page.screenshot({
        path: `${shots}/${name}-${look.size.width}-${look.scheme}.png`,
        fullPage: !name.startsWith('approve'),
      })
    }
  })
})

describe('on a phone', () => {
  test.each(['approve', 'approve-novel'] as const)('the nine lines of %s stand on one screen', async (name) => {
    const context = await site.open({ size: phone })
    const page = await context.newPage()
    await page.goto(`${site.url}${paths[name]}`)
    const bar = await page.locator('.bar').boundingBox()
    const last = await page.locator('.nine > div').last().boundingBox()
    expect((last?.y ?? 0) + (last?.height ?? 0)).toBeLessThanOrEqual(bar?.y ?? 0)
    expect((bar?.y ?? 0) + (bar?.height ?? 0)).toBeLessThanOrEqual(phone.height)
    for (const name of ['Approve once', 'Reject', 'I’ll take over']) {
      const box = await page.getByRole('button', { name }).boundingBox()
      expect(box?.height).toBeGreaterThanOrEqual(48)
      expect(box?.y).toBeGreaterThan(phone.height / 2)
    }
    await context.close()
  })

  test('whatever is pressed is at least 48 pixels high', async () => {
    const context = await site.open({ size: phone })
    const page = await context.newPage()
    for (const path of Object.values(paths)) {
      await page.goto(`${site.url}${path}`)
      const boxes = await page
        .locator('button:visible, .button:visible, summary:visible, nav a:visible, input:visible')
        .all()
      const heights = await Promise.all(boxes.map(async (one) => (await one.boundingBox())?.height ?? 0))
      expect(Math.min(48, ...heights)).toBeGreaterThanOrEqual(47)
    }
    await context.close()
  })

  test('a page still fits at 320 pixels', async () => {
    const context = await site.open({ size: phone })
    const page = await context.newPage()
    for (const path of Object.values(paths)) {
      await page.setViewportSize({ width: 320, height: 640 })
      await page.goto(`${site.url}${path}`)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320)
    }
    await context.close()
  })
})

test('what a model cites leads to the answer that tells it, also where that is folded', async () => {
  const context = await site.open({ size: phone })
  const page = await context.newPage()
  await page.goto(`${site.url}${paths.investigated}`)
  const row = page.locator('[id="e1.0"]')
  expect(await row.isVisible()).toBe(false)
  await page.getByRole('link', { name: 'e1.0' }).click()
  await row.waitFor({ state: 'visible' })
  expect(await row.textContent()).toContain('unit-status nginx.service')
  const further = await page.locator('[id="e2.1"]').textContent()
  expect(further).toContain('http-probe site on web-01')
  expect(further).toContain('It did not answer within 5 s.')
  await context.close()
})

test('everything is there and can be sent without script', async () => {
  const context = await site.open({ script: false, size: phone })
  const page = await context.newPage()
  await page.goto(`${site.url}/`)
  await page.getByRole('link', { name: /\/var\/log is 94 % full/ }).click()
  expect(page.url()).toBe(`${site.url}${paths.approve}`)
  await page.getByText('2 changes, 1 cannot be undone').click()
  expect(await page.getByText('/var/log/nginx/access.log.8.gz').isVisible()).toBe(true)
  await page.getByRole('button', { name: 'Approve once' }).click()
  // No workflow runs behind this gateway, so the decision can't be delivered, and the page says so.
  expect(await page.locator('main').textContent()).toMatch(
    /Not delivered: nothing will run because of it\.|does not answer/,
  )
  await context.close()
})

test('stopping and resuming takes two presses and says what it did', async () => {
  const context = await site.open({ script: false, size: phone })
  const page = await context.newPage()
  await page.goto(`${site.url}/`)
  await page.getByText('Stop all', { exact: true }).click()
  await page.getByRole('button', { name: 'Stop all changes now' }).click()
  expect(await page.locator('header').textContent()).toContain('Stopped by robin')
  await page.getByText('Resume', { exact: true }).click()
  await page.getByLabel('Why').fill('looked at it')
  await page.getByRole('button', { name: 'Resume all changes' }).click()
  expect(await page.locator('header').textContent()).toContain('Acting on lab')
  await context.close()
})

test('an open page follows what happens, and keeps what its reader opened', async () => {
  const context = await site.open({ size: desk })
  const page = await context.newPage()
  await page.goto(`${site.url}/incidents/${live.number}`)
  await page.getByText('What it changes').click()
  await page.locator('body.live').waitFor()
  const verified = { kind: 'verified', checks: [], rule: 'clear', heldSeconds: 60 } as const
  await writeTransition(
    db.store,
    { incident: live.id, sequence: 90, state: null, entry: verified },
    async () => undefined,
  )
  await page.locator('.story').getByText('Verified', { exact: true }).waitFor()
  expect(await page.locator('details[data-key^="preview"][open]').count()).toBe(1)
  await context.close()
})

describe('while somebody reads the question', () => {
  let context: BrowserContext
  let page: Page
  let waiting: Awaited<ReturnType<typeof awaiting>>
  let sequence = 90
  const goesOn = async (entry: TimelineEntry): Promise<void> => {
    sequence += 1
    await writeTransition(db.store, { incident: waiting.id, sequence, state: null, entry }, async () => undefined)
  }
  const reason = () => page.getByLabel('Say why')

  beforeAll(async () => {
    waiting = await awaiting(db.store, new Date())
    context = await site.open({ size: phone })
    page = await context.newPage()
    await page.goto(`${site.url}/incidents/${waiting.number}/approve`)
    await page.locator('body.live').waitFor()
    await page.getByText('More', { exact: true }).click()
    await reason().fill('the logs are needed')
    // As a phone does when the keyboard is closed.
    await reason().blur()
  })
  afterAll(() => context.close())

  test('what they typed is still there when the page goes on', async () => {
    const nonce = page.locator('#decide input[name=id]')
    const before = await nonce.inputValue()
    await goesOn({ kind: 'alerted', source: 'alertmanager', alerts: ['HostOutOfDiskSpace'], severity: 'warning' })
    await page.locator(`#decide input[name=id]:not([value="${before}"])`).waitFor({ state: 'attached' })
    expect(await reason().inputValue()).toBe('the logs are needed')
    expect(await page.getByRole('button', { name: 'Approve once' }).isVisible()).toBe(true)
  })

  test('another plan is told, and can be decided only after they have said that they read it', async () => {
    const other = await seedPlan(db.store, waiting, { wants: 'Delete every log', tier: 2 })
    const expiresAt = new Date(Date.now() + 540_000).toISOString()
    await goesOn({ kind: 'asked', plan: other.id, digest: other.digest, expiresAt })
    await page.getByText('The plan changed: read it anew').waitFor()
    expect(await page.getByText('Delete every log').isVisible()).toBe(true)
    expect(await page.getByRole('button', { name: 'Approve once' }).isVisible()).toBe(false)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(phone.width)
    if (shots !== undefined) await page.screenshot({ path: `${shots}/plan-changed.png` })
    await page.getByRole('button', { name: 'I have read it' }).click()
    expect(await page.getByRole('button', { name: 'Approve once' }).isVisible()).toBe(true)
    expect(await page.locator('#decide').getAttribute('action')).toContain(other.digest)
    expect(await reason().inputValue()).toBe('the logs are needed')
  })
})

test('a hundred files that a plan touches are listed on a phone, without script', async () => {
  const many = await awaiting(db.store, new Date(), 100)
  const context = await site.open({ size: phone, script: false })
  const page = await context.newPage()
  await page.goto(`${site.url}/incidents/${many.number}/approve`)
  await page.getByText('2 changes, 1 cannot be undone').click()
  const last = page.getByText('/var/log/nginx/access.log.107.gz')
  await last.scrollIntoViewIfNeeded()
  expect(await last.isVisible()).toBe(true)
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(phone.width)
  if (shots !== undefined) await page.screenshot({ path: `${shots}/hundred-files.png` })
  await context.close()
})

test('times go on by themselves, in the words of the server', async () => {
  const context = await site.open({ size: desk })
  const page = await context.newPage()
  await page.goto(`${site.url}${paths.approve}`)
  const left = page.locator('time[data-live=until]')
  // How much is left depends on when the site was made.
  expect(await left.textContent()).toMatch(/^\d+ (min|s)$/)
  expect(asked.number).toBe('5')
  await context.close()
})

test('a theme that was chosen stays', async () => {
  const context = await site.open({ scheme: 'light' })
  const page = await context.newPage()
  await page.goto(`${site.url}/`)
  const background = async () => page.evaluate('getComputedStyle(document.body).backgroundColor')
  const light = await background()
  await page.getByRole('button', { name: 'Colours: as the device' }).click()
  await page.getByRole('button', { name: 'Colours: light' }).click()
  await page.getByRole('button', { name: 'Colours: dark' }).waitFor()
  await page.goto(`${site.url}/hosts`)
  expect(await background()).not.toBe(light)
  await context.close()
})
