// Who zooms in, has no mouse, or lets people in: what the pages are like for them.
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { z } from 'zod'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { desk, phone, type Site, siteOf } from '../support/chromium.ts'
import { approver } from '../support/pages.ts'
import { invite } from '../../store/people.ts'
import { logInAs } from '../support/people.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { awaiting, handedOver } from '../support/scenarios.ts'

const shots = process.env['SHOTS']

let db: TestStore
let site: Site
beforeAll(async () => {
  db = await testStore()
  await handedOver(db.store, new Date(Date.now() - 180_000))
  await awaiting(db.store, new Date())
  site = await siteOf(db.store, approver)
})
afterAll(async () => {
  await site.end()
  await db.end()
})

const paths = {
  'handed-over': '/incidents/1',
  waiting: '/incidents/2',
  approve: '/incidents/2/approve',
  hosts: '/hosts',
  people: '/people',
} as const

/** What a browser lays out when a person zooms to 200 %: half the width and half the height. */
const zoomed = [
  ['a desk', { width: 640, height: 450 }],
  ['a phone', { width: 195, height: 422 }],
] as const

describe.each(zoomed)('zoomed to 200 %% on %s', (_name, size) => {
  test.each(['approve', 'waiting', 'handed-over', 'hosts', 'people'] as const)(
    '%s needs no scrolling to the side, and nothing that is pressed lies under something else',
    async (name) => {
      const context = await site.open({ size: desk })
      const page = await context.newPage()
      await page.setViewportSize(size)
      await page.goto(`${site.url}${paths[name]}`)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(size.width)
      for (const one of await page.locator('main button:visible, main a:visible, main summary:visible').all())
        await one.click({ trial: true })
      if (shots !== undefined) await page.screenshot({ path: `${shots}/zoom-${name}-${size.width}.png` })
      await context.close()
    },
  )
})

/** Where the keyboard is: its accessible name, and whether a person can see that it is there. */
const focused = `(() => {
  const here = document.activeElement
  const box = here.getBoundingClientRect()
  const style = getComputedStyle(here)
  const name = here.labels?.[0]?.textContent ?? here.textContent
  const on = box.top >= 0 && box.bottom <= innerHeight + 1
  const over = document.elementFromPoint(box.left + box.width / 2, Math.min(box.top + box.height / 2, innerHeight - 1))
  return { name: name.trim().replace(/\\s+/g, ' '), ring: style.outlineStyle !== 'none',
    seen: on && (over === here || here.contains(over) || over?.contains(here)) }
})()`
const Focused = z.object({ name: z.string(), ring: z.boolean(), seen: z.boolean() })

/** Presses Tab until that name has the focus; each stop on the way must be seen. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const passed: string[] = []
  for (let press = 0; press < 80; press += 1) {
    await page.keyboard.press('Tab')
    const here = Focused.parse(await page.evaluate(focused))
    passed.push(here.name)
    expect([here.name, here.ring, here.seen]).toEqual([here.name, true, true])
    if (typeof name === 'string' ? here.name === name : name.test(here.name)) return
  }
  throw new Error(`${String(name)} was not reached: ${passed.join(' | ')}`)
}

describe.each([
  { where: 'on a phone', size: phone },
  { where: 'at a desk', size: desk },
])('with the keyboard alone, $where', ({ size }) => {
  test('a person goes from the incident to the plan, looks at what it changes and rejects it with a reason', async () => {
    const context = await site.open({ size, script: false })
    const page = await context.newPage()
    await page.goto(`${site.url}${paths.waiting}`)
    await tabTo(page, 'To the content')
    await page.keyboard.press('Enter')
    await tabTo(page, 'Look at it and decide')
    await page.keyboard.press('Enter')
    await page.waitForURL(`**${paths.approve}`)
    await tabTo(page, /^2 changes/)
    await page.keyboard.press('Enter')
    expect(await page.getByText('/var/log/nginx/access.log.8.gz').isVisible()).toBe(true)
    await tabTo(page, 'Reject')
    await tabTo(page, 'More')
    await page.keyboard.press('Enter')
    await tabTo(page, 'Say why')
    await page.keyboard.type('not now')
    expect(await page.getByLabel('Say why').inputValue()).toBe('not now')
    await context.close()
  })

  test('a person opens what an incident saw and the form that ends it', async () => {
    const context = await site.open({ size, script: false })
    const page = await context.newPage()
    await page.goto(`${site.url}${paths['handed-over']}`)
    await tabTo(page, 'Close it')
    await page.keyboard.press('Space')
    await tabTo(page, 'What was done')
    await tabTo(page, 'Close it')
    await tabTo(page, 'What it saw')
    await context.close()
  })
})

test('an admin lets somebody in, whose code one page shows, and removes them with two presses', async () => {
  const admin = await logInAs(db.store, { name: 'alex', role: 'admin', team: 'default' }, 'cookie')
  for (const [scheme, size] of [
    ['dark', phone],
    ['light', desk],
  ] as const) {
    const context = await site.open({ scheme, size })
    await context.addCookies([{ name: 'millwright', value: admin, url: site.url, sameSite: 'Strict', httpOnly: true }])
    const page = await context.newPage()
    const shot = async (name: string) => {
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(violations.map(({ id }) => id)).toEqual([])
      if (shots !== undefined) await page.screenshot({ path: `${shots}/${name}-${size.width}.png`, fullPage: true })
    }
    await page.goto(`${site.url}/people`)
    await page.getByLabel('Name').fill('kim')
    await shot('people-admin')
    await page.getByRole('button', { name: 'Make a one-time code' }).click()
    expect(await page.locator('.cmd').textContent()).toMatch(/^[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}$/)
    await shot('people-code')
    await page.getByRole('link', { name: 'All people' }).click()
    expect(await page.locator('main').textContent()).toMatch(/let in or changed last by alex/)
    const kim = page.locator('li', { hasText: 'kim' })
    await kim.getByText('Remove', { exact: true }).click()
    await kim.getByRole('button', { name: 'Remove kim: every login ends now' }).click()
    expect(await page.getByRole('status').textContent()).toBe('Removed. Every login of theirs has ended.')
    expect(await page.locator('li', { hasText: 'kim' }).count()).toBe(0)
    await context.close()
  }
})

describe('a link in a chat', () => {
  const follow = async (page: Page): Promise<void> => {
    await page.goto(`data:text/html,<a href="${site.url}${paths.approve}">INC-2 needs you</a>`)
    await page.getByRole('link').click()
  }

  test('opens its page for whoever is logged in, though their cookie is for our own pages only', async () => {
    const context = await site.open({ size: phone, script: false })
    const page = await context.newPage()
    await follow(page)
    await page.waitForURL(`**${paths.approve}`)
    await page.getByRole('button', { name: 'Approve once' }).waitFor()
    await context.close()
  })

  test('opens its page for everybody else after the login', async () => {
    const context = await site.open({ size: phone, script: false })
    await context.clearCookies()
    const page = await context.newPage()
    await follow(page)
    const { code } = await invite(db.store, { name: 'alex', role: 'approver', team: 'default' }, null, new Date())
    await page.getByLabel('One-time code').fill(code)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.waitForURL(`**${paths.approve}`)
    await page.getByRole('button', { name: 'Approve once' }).waitFor()
    await context.close()
  })
})
