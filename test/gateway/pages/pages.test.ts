import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectStore } from '../../../store/connect.ts'
import { createLogger } from '../../../runtime/logger.ts'
import { redactText } from '../../../runtime/redaction.ts'
import { setSwitch } from '../../../store/switch.ts'
import { approver, type Browser, browserOf, seen, viewer } from '../../support/pages.ts'
import { proposed } from '../../support/investigated.ts'
import { testStore, type TestStore } from '../../support/postgres.ts'
import { awaiting, byItself, handedOver, notRecovered, recovering, repaired } from '../../support/scenarios.ts'
import type { Seeded } from '../../support/seed.ts'

let db: TestStore
let browser: Browser
let all: Readonly<Record<'repaired' | 'byItself' | 'handedOver' | 'notRecovered' | 'recovering', Seeded>>
let asked: Awaited<ReturnType<typeof awaiting>>
const now = new Date()
const ago = (minutes: number): Date => new Date(now.getTime() - minutes * 60_000)

beforeAll(async () => {
  db = await testStore()
  browser = await browserOf(db.store, approver, { now: () => now })
  all = {
    repaired: await repaired(db.store, ago(5)),
    byItself: await byItself(db.store, ago(9)),
    handedOver: await handedOver(db.store, ago(3)),
    notRecovered: await notRecovered(db.store, ago(4)),
    recovering: await recovering(db.store, now),
  }
  asked = await awaiting(db.store, now)
})
afterAll(() => db.end())

describe('the incident list', () => {
  test('says in words that people are needed, with the time that is left', async () => {
    const text = seen(await browser.get('/'))
    expect(text).toContain('3 incidents need you')
    expect(text).toContain('Approve · 9 min')
    expect(text).toContain('1 wrong change in 90 days, of 3 runs')
    expect(text.indexOf('Needs you')).toBeLessThan(text.indexOf('In progress'))
  })

  test('sends whoever has to decide straight to the decision', async () => {
    expect(await browser.get('/')).toContain(`href="/incidents/${asked.number}/approve"`)
  })

  test('is asked for by anybody else only after login', async () => {
    const response = await browser.request('/', { headers: { cookie: '' } })
    expect([response.status, response.headers.get('location')]).toEqual([303, '/login'])
    const login = await browser.request('/login', { headers: { cookie: '' } })
    expect(seen(await login.text())).toContain('One-time code')
  })
})

describe('an incident', () => {
  test('is told entry by entry, with evidence, match, why not the others, rule, run and outcome', async () => {
    const text = seen(await browser.get(`/incidents/${all.repaired.number}`))
    for (const fact of [
      'Repaired',
      'alertmanager reported BlackboxProbeFailed and SystemdUnitFailed , critical',
      'Looked at web-01 with 4 read-only probes, 61 ms',
      'result oom-kill',
      'not seen : The probe did not answer within 5 s.',
      'Recognised service-crashed',
      'Not config-restore : “the configuration is invalid” does not hold (valid)',
      'Allowed by rule “Tier 1 may act alone in lab, once an hour per host”',
      'Carried out : 4 tasks, 1 change',
      'Recovered : every check holds',
      'Verified by what the repair did not touch; held for 1 min',
      'Closed : repaired and verified',
    ]) {
      expect(text).toContain(fact)
    }
  })

  test('that recovers says how long it must still hold', async () => {
    expect(seen(await browser.get(`/incidents/${all.recovering.number}`))).toContain('Recovering 40 s to go')
  })

  test('that was handed over stays with a person, who can end it', async () => {
    const page = await browser.get(`/incidents/${all.handedOver.number}`)
    expect(seen(page)).toContain('It is yours: Millwright has stopped here.')
    expect(page).toContain(`<form method="post" action="/api/v1/incidents/${all.handedOver.number}/close">`)
  })

  test('is found by number, name and id, and shows whole answers as text', async () => {
    const { number, id } = all.repaired
    const pages = await Promise.all([number, `INC-${number}`, id].map((one) => browser.get(`/incidents/${one}`)))
    expect(new Set(pages.map(seen)).size).toBe(1)
    const [, raw] = /href="(\/incidents\/\d+\/evidence\/[0-9a-f]{64})"/.exec(pages[0] ?? '') ?? []
    const response = await browser.request(raw ?? 'missing')
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(await response.text()).toContain('result: "oom-kill"')
  })
})

describe('the approval screen', () => {
  test('answers what broke, why, what is wanted, what it touches, what changes, and what silence means', async () => {
    const text = seen(await browser.get(`/incidents/${asked.number}/approve`))
    for (const fact of [
      'in 9 min',
      'Attempt 1 of 2',
      'HostOutOfDiskSpace on web-02',
      '/var/log is 94 % full of rotated logs: 3.1 GB Decisive: 3 of 3 checks agree',
      'Delete rotated logs of nginx older than 7 days disk-space-reclaim@1.2.0',
      '1 host of 2: web-02 · cannot be undone',
      '2 changes, 1 cannot be undone · 14 items',
      'Nothing runs. At',
      'asked by rule “Tier 2 asks a person”',
    ]) {
      expect(text).toContain(fact)
    }
  })

  test('shows who supposes what, and why, where no pattern is known', async () => {
    const novel = await proposed(db.store, now)
    const page = await browser.get(`/incidents/${novel.number}/approve`)
    expect(seen(page)).toContain(
      'Likely cause No known pattern. claude-sonnet-5-5 takes for likely: app.service hangs: it listens and answers',
    )
    expect(seen(page)).toContain('1 for, 1 against')
    expect(seen(page)).toContain('For e1.0 : “upstream timed out (110)”')
    expect(seen(page)).toContain('Against e1.1 : “activeState: "active"”')
    expect(seen(page)).not.toMatch(/Decisive|checks? agree/)
    const [, raw = 'missing'] = /href="([^"]*)">e1\.0</.exec(page) ?? []
    expect(await (await browser.request(raw)).text()).toContain('upstream timed out (110)')
  })

  test('names every file that is touched, on the page and in the story', async () => {
    const many = await awaiting(db.store, now, 100)
    for (const page of ['/approve', '']) {
      const text = seen(await browser.get(`/incidents/${many.number}${page}`))
      const named = new Set(text.match(/access\.log\.\d+\.gz/g))
      expect([page, named.size]).toEqual([page, 100])
    }
  })

  test('posts a decision on exactly this plan, each time under a new id', async () => {
    const read = async () => browser.get(`/incidents/${asked.number}/approve`)
    const [one, two] = [await read(), await read()]
    expect(one).toContain(`action="/api/v1/plans/${asked.digest}/decisions"`)
    const id = (page: string) => /name="id" value="(dec_[0-9a-f-]{36})"/.exec(page)?.[1]
    expect(id(one)).toBeDefined()
    expect(id(one)).not.toBe(id(two))
  })

  test('lets a viewer look and tells whom to ask', async () => {
    const other = await browserOf(db.store, viewer, { now: () => now })
    const page = await other.get(`/incidents/${asked.number}/approve`)
    expect(page).not.toContain('<form')
    expect(seen(page)).toContain('You may look at this but not decide.')
  })

  test('of an expired question says that nothing ran', async () => {
    const later = await browserOf(db.store, approver, { now: () => new Date(now.getTime() + 3_600_000) })
    const page = await later.get(`/incidents/${asked.number}/approve`)
    expect(seen(page)).toContain('Nobody decided in time, and nothing ran.')
    expect(page).not.toContain('/decisions"')
  })

  test('of an incident without a question says how it stands', async () => {
    const text = seen(await browser.get(`/incidents/${all.handedOver.number}/approve`))
    expect(text).toContain('Nothing waits for a decision here.')
  })
})

test('the hand-over pack says what is known, tried, ruled out, not seen, and what to type', async () => {
  const text = seen(await browser.get(`/incidents/${all.notRecovered.number}/hand-over`))
  for (const fact of [
    'ssh 10.0.0.1',
    `npx millwright incident close ${all.notRecovered.number}`,
    'service-restart on web-01: ran, 4 tasks, 1 change; the fault was still there afterwards',
    'config-restore bad-config',
    'certificate front, before the last run : The probe did not answer within 5 s.',
  ]) {
    expect(text).toContain(fact)
  }
})

test('the fleet pages name playbooks with their record, hosts, and what sources delivered', async () => {
  expect(seen(await browser.get('/playbooks'))).toContain('1 of 3 runs verified in 90 days, 1 wrong')
  expect(seen(await browser.get('/playbooks/service-restart'))).toContain('lab: auto')
  expect(seen(await browser.get('/hosts'))).toContain('no host key pinned, so no connection is made')
  const sources = seen(await browser.get('/sources'))
  expect(sources).toContain('url: http://127.0.0.1:8321/hooks/v1/alertmanager')
  expect(sources).toContain('Opened one incident.')
})

test('a stopped Millwright says so on every page, with who and why', async () => {
  const change = { by: 'robin', team: 'default', at: now }
  await setSwitch(db.store, { ...change, stopped: true, says: 'too many cooks' })
  const page = await browser.get('/')
  expect(seen(page)).toContain('Stopped by robin. too many cooks')
  expect(page).toContain('action="/api/v1/resume"')
  await setSwitch(db.store, { ...change, stopped: false, says: 'well again' })
  expect(await browser.get('/?said=resume')).toContain('Resumed.')
  expect(await browser.get('/?said=You%20were%20hacked')).not.toContain('hacked')
})

describe('what goes wrong', () => {
  test('is a page with cause, next step and code', async () => {
    expect(seen(await browser.get('/incidents/99999', 404))).toContain('There is no incident 99999.')
    expect(seen(await browser.get('/nowhere', 404))).toContain('Code input.not-found')
    const api = await browser.request('/api/v1/nowhere', { headers: { accept: 'application/json' } })
    expect(await api.json()).toMatchObject({ code: 'input.not-found' })
  })

  test('and a mistake of ours stands in the log as what it is, without secrets', async () => {
    const lines: string[] = []
    const stream = { write: (line: string) => lines.push(line) }
    const log = createLogger({ name: 'gateway', redact: redactText, stream, style: 'json' })
    const catalogue = (): never => {
      throw new Error('The catalogue is upside down, password=hunter2-and-more.')
    }
    const broken = await browserOf(db.store, approver, { catalogue, log })
    expect(seen(await broken.get('/hosts', 500))).toContain('Its log has the details.')
    const said = lines.map((line): unknown => JSON.parse(line))
    expect(said).toContainEqual(
      expect.objectContaining({
        path: '/hosts',
        error: expect.objectContaining({
          message: expect.stringContaining('The catalogue is upside down'),
          stack: expect.stringContaining('pages.test.ts'),
        }),
      }),
    )
    expect(lines.join('')).not.toContain('hunter2')
  })

  test('also when the database is what went wrong', async () => {
    const gone = connectStore('postgres://nobody@/nowhere?host=/nonexistent')
    const broken = await browserOf(db.store, approver, { store: gone })
    expect(seen(await broken.get('/', 503))).toContain('The database does not answer.')
    expect((await broken.request('/')).headers.get('retry-after')).toBe('5')
    await gone.destroy()
  })
})

test('every page forbids inline script and keeps within its budget', async () => {
  const paths = ['/', '/playbooks', '/hosts', '/sources', '/login', `/incidents/${all.repaired.number}`]
  for (const path of [...paths, `/incidents/${asked.number}/approve`]) {
    const response = await browser.request(path)
    const policy = response.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toContain('unsafe')
    const page = await response.text()
    expect(page).not.toMatch(/<script(?! src="\/assets\/live\.js)| on[a-z]+=|style="/)
    expect(Buffer.byteLength(page)).toBeLessThan(path.endsWith('approve') ? 30_000 : 60_000)
  }
  const css = await browser.get(/href="(\/assets\/style\.css[^"]*)"/.exec(await browser.get('/'))?.[1] ?? '')
  expect(Buffer.byteLength(css)).toBeLessThan(12_000)
  expect(Buffer.byteLength(await browser.get('/assets/live.js'))).toBeLessThan(6_000)
})

test('names without end leave the buttons of the approval on the phone', async () => {
  const unit = `${'a-unit-'.repeat(28)}x.service`
  const long = await awaiting(db.store, now)
  const named = JSON.stringify({ wants: `Restart ${unit}`, because: `${unit} crashed` })
  await sql`update plan set body = body || ${named}::jsonb where id = ${long.plan}`.execute(db.store)
  const page = await browser.get(`/incidents/${long.number}/approve`)
  expect(seen(page)).toMatch(/Restart a-unit-\S+…\S+x\.service/)
  expect(seen(page)).not.toContain(unit)
})

test('a question that only a person wanted names that person, and no rule that lets Millwright act alone', async () => {
  const wanted = await awaiting(db.store, now)
  const rule = { id: 'known-fault-alone', says: 'It may act alone.' }
  const policy = JSON.stringify({ verdict: 'auto', rule, policies: 'p' })
  await sql`update plan set policy = ${policy}::jsonb where id = ${wanted.plan}`.execute(db.store)
  const more = JSON.stringify({ kind: 'more-asked', plan: wanted.plan, person: 'ann', says: '' })
  await sql`update timeline set entry = ${more}::jsonb
    where incident = ${wanted.id} and entry->>'kind' = 'looked'`.execute(db.store)
  const text = seen(await browser.get(`/incidents/${wanted.number}/approve`))
  expect(text).toContain('asked because ann wanted more')
  expect(text).not.toContain('alone')
})

test('a question that nobody answered says expired, not approve', async () => {
  const late = await awaiting(db.store, ago(15))
  const text = seen(await browser.get(`/incidents/${late.number}/approve`))
  expect(text).toContain('Expired at')
  expect(text).not.toContain('Approve')
})
