// The contract of every notifier: this suite runs each folder it finds, against a real receiver.
import { createHmac } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { loadNotifiers, ownRoot, type LoadedNotifier } from '../../integrations/load.ts'
import type { Notification } from '../../integrations/notifier.ts'
import { Config } from '../../runtime/config.ts'
import { fixturesIn, foldersIn } from '../support/folders.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'

const Fixture = z.strictObject({
  says: z.string(),
  config: z.looseObject({ url: z.url() }),
  secrets: z.record(z.string(), z.string()),
})

const notifiers = join(ownRoot, 'notifiers')
const all = foldersIn(notifiers).flatMap((name) =>
  fixturesIn(join(notifiers, name)).map((one) => ({ name, file: one.name, ...Fixture.parse(one.content) })),
)

let receiver: Receiver
beforeAll(async () => {
  receiver = await startReceiver()
})
afterAll(() => receiver.end())
beforeEach(() => {
  receiver.received.length = 0
  receiver.answers.length = 0
})

const notification = (more: Partial<Notification> = {}): Notification => ({
  key: 'inc_1/4/approval',
  kind: 'needs-you',
  incident: { id: 'inc_1', number: 12, title: 'HostOutOfDiskSpace on web-01', severity: 'warning' },
  team: 'default',
  environment: 'lab',
  summary: 'INC-12: a repair waits for your decision.',
  url: 'http://127.0.0.1:8321/incidents/12',
  labels: { reason: 'approval', host: 'web-01' },
  at: '2026-11-21T10:00:00.000Z',
  ...more,
})

type Case = (typeof all)[number]

async function load({ name, config }: Case, url = receiver.url): Promise<LoadedNotifier> {
  const { pathname } = new URL(config.url)
  const loaded = await loadNotifiers(
    Config.parse({ notifiers: { people: { use: name, ...config, url: `${url}${pathname}` } } }),
  )
  const notifier = loaded.get('people')
  if (notifier === undefined) throw new Error('the notifier was not loaded')
  return notifier
}

const tools = ({ secrets }: Case) => ({
  secret: (reference: string) => secrets[reference] ?? '',
  signal: AbortSignal.timeout(60_000),
})

test.each(['alertmanager', 'webhook'])('the notifier %s is there', (name) => {
  expect(all.map((one) => one.name)).toContain(name)
})

describe.each(all)('the notifier $name, $file', (one) => {
  test('tells number, words and address, and no secret', async () => {
    const delivered = await (await load(one)).notify(notification(), tools(one))
    expect(delivered.kind).toBe('sent')
    const [sent] = receiver.received
    expect(receiver.received).toHaveLength(1)
    for (const text of ['12', 'a repair waits', 'http://127.0.0.1:8321/incidents/12'])
      expect(sent?.body).toContain(text)
    for (const secret of Object.values(one.secrets)) expect(sent?.body).not.toContain(secret)
  })

  test.each([
    [500, true],
    [503, true],
    [429, true],
    [400, false],
    [401, false],
    [302, true],
  ])('an answer of %i: retry %s', async (status, retry) => {
    receiver.answers.push(status)
    const delivered = await (await load(one)).notify(notification(), tools(one))
    expect(delivered).toMatchObject({ kind: 'failed', retry })
  })

  test('what an answer repeats of our credential is not told', async () => {
    receiver.answers.push(401)
    const delivered = await (await load(one)).notify(notification(), tools(one))
    expect(delivered).toMatchObject({ kind: 'failed', says: expect.stringContaining('It answered 401') })
    const [authorization = ''] = receiver.received.map(({ headers }) => headers.authorization)
    const secrets = [...Object.values(one.secrets), ...authorization.split(' ').slice(1)]
    for (const secret of secrets) expect(JSON.stringify(delivered)).not.toContain(secret)
  })

  test('nobody there: retry', async () => {
    const delivered = await (await load(one, 'http://127.0.0.1:1')).notify(notification(), tools(one))
    expect(delivered).toMatchObject({ kind: 'failed', retry: true })
  })
})

test('what Alertmanager is told to end has the labels of what it was told', async () => {
  const one = all.find(({ name }) => name === 'alertmanager')
  if (one === undefined) throw new Error('no alertmanager')
  const notifier = await load(one)
  expect(await notifier.notify(notification(), tools(one))).toEqual({ kind: 'sent', againSeconds: 120 })
  const handled = notification({
    kind: 'handled',
    summary: 'INC-12: it is over.',
    labels: { reason: 'recovered', host: 'web-01' },
  })
  expect(await notifier.notify(handled, tools(one))).toEqual({ kind: 'sent' })
  const Posted = z.array(z.object({ labels: z.record(z.string(), z.string()), endsAt: z.string() })).length(1)
  const [told, ended] = receiver.received.map(({ body }) => Posted.parse(JSON.parse(body))[0])
  expect(told?.labels).toEqual(ended?.labels)
  expect(told?.labels).toMatchObject({ alertname: 'MillwrightNeedsYou', millwright: 'needs-you', incident: 'INC-12' })
  expect(Date.parse(told?.endsAt ?? '')).toBeGreaterThan(Date.now())
  expect(Date.parse(ended?.endsAt ?? '')).toBeLessThanOrEqual(Date.now())
})

test('Alertmanager is told of what nobody has to act on as another alert, which wakes nobody and ends by itself', async () => {
  const one = all.find(({ name }) => name === 'alertmanager')
  if (one === undefined) throw new Error('no alertmanager')
  const notice = notification({ kind: 'notice', labels: { reason: 'budget' } })
  expect(await (await load(one)).notify(notice, tools(one))).toEqual({ kind: 'sent' })
  expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject([
    { labels: { alertname: 'MillwrightNotice', millwright: 'notice', incident: 'INC-12', severity: 'info' } },
  ])
})

test('a webhook can be checked with the shared secret over id, time and body', async () => {
  const one = all.find(({ name }) => name === 'webhook')
  if (one === undefined) throw new Error('no webhook')
  await (await load(one)).notify(notification(), tools(one))
  const [sent] = receiver.received
  const key = Buffer.from('01234567890123456789012345678901')
  const text = `${String(sent?.headers['webhook-id'])}.${String(sent?.headers['webhook-timestamp'])}.${sent?.body ?? ''}`
  expect(sent?.headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(text).digest('base64')}`)
  expect(sent?.headers['webhook-id']).toBe('inc_1/4/approval')
})
