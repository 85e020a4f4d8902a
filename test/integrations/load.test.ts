import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadInventory, loadNotifiers, loadSources, ownRoot } from '../../integrations/load.ts'
import type { Notification } from '../../integrations/notifier.ts'
import { Config, emptyConfig } from '../../runtime/config.ts'

let root = ''
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'millwright-integrations-'))
})
afterAll(() => rmSync(root, { recursive: true }))

function folder(kind: string, name: string, text: string): void {
  mkdirSync(join(root, kind, name), { recursive: true })
  writeFileSync(join(root, kind, name, 'index.ts'), text)
}

test('a source in a folder of its own works with no other edit', async () => {
  folder(
    'sources',
    'bell',
    `const config = { safeParse: (data: unknown) => ({ success: true as const, data }) }
     const verify = () => ({ kind: 'verified' as const })
     const parse = (body: unknown) => ({ kind: 'test' as const, says: JSON.stringify(body) })
     export default { config, verify, parse }`,
  )
  const config = Config.parse({ sources: { door: { use: 'bell', team: 'home', colour: 'red' } } })
  const door = (await loadSources(config, [ownRoot, root])).get('door')
  expect(door).toMatchObject({ name: 'door', use: 'bell', team: 'home', environment: 'default', metrics: null })
  expect(door?.parse({ rings: 1 })).toEqual({ kind: 'test', says: '{"rings":1}' })
})

test('a notifier in a folder of its own works with no other edit', async () => {
  folder(
    'notifiers',
    'drum',
    `const config = { safeParse: (data: unknown) => ({ success: true as const, data }) }
     const notify = async () => ({ kind: 'sent' as const })
     export default { config, notify }`,
  )
  const config = Config.parse({ notifiers: { people: { use: 'drum', loud: true } } })
  const drum = (await loadNotifiers(config, [ownRoot, root])).get('people')
  const notification: Notification = {
    key: 'inc_1/1/approval',
    kind: 'needs-you',
    incident: { id: 'inc_1', number: 1, title: 'Down', severity: null },
    team: 'home',
    environment: 'lab',
    summary: 'Somebody is needed.',
    url: 'http://127.0.0.1:8321/incidents/1',
    labels: {},
    at: '2026-11-21T10:00:00.000Z',
  }
  const tools = { secret: () => '', signal: AbortSignal.timeout(60_000) }
  expect(await drum?.notify(notification, tools)).toEqual({ kind: 'sent' })
})

test('a name without a folder is refused, naming both', async () => {
  const config = Config.parse({ notifiers: { people: { use: 'pigeon' } } })
  await expect(loadNotifiers(config)).rejects.toMatchObject({ code: 'config.invalid', message: /notifiers\/pigeon/ })
})

test.each([
  ['deaf', 'export default { config: {}, parse: 1 }'],
  ['empty', 'export const nothing = 1'],
  ['thrower', 'throw new Error("no")'],
])('the folder %s does not keep its contract, and the start is refused naming it', async (name, text) => {
  folder('sources', name, text)
  const config = Config.parse({ sources: { one: { use: name } } })
  const attempt = loadSources(config, [root])
  await expect(attempt).rejects.toMatchObject({ code: 'config.module-broken', message: new RegExp(`sources/${name}`) })
})

test('without a config nothing is imported', async () => {
  expect(await loadSources(emptyConfig, [])).toEqual(new Map())
  expect(await loadNotifiers(emptyConfig, [])).toEqual(new Map())
  expect(await loadInventory(emptyConfig, [])).toMatchObject({ hosts: [] })
})
