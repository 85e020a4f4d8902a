// What docs/connect.md shows is what the program takes.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { targetIndex } from '../../gateway/targets.ts'
import yamlInventory from '../../integrations/inventories/yaml/index.ts'
import alertmanagerNotifier from '../../integrations/notifiers/alertmanager/index.ts'
import webhookNotifier from '../../integrations/notifiers/webhook/index.ts'
import { loadModels } from '../../integrations/load.ts'
import { parsePayload } from '../../integrations/sources/alertmanager/payload.ts'
import generic from '../../integrations/sources/generic/index.ts'
import { Config, readConfig } from '../../runtime/config.ts'
import { readPage } from './blocks.ts'

const page = readPage('docs/connect.md')
const Named = z.object({ id: z.string() })
const Onboarding = z.strictObject({
  host_id: z.string(),
  read_public_key: z.string(),
  ca_public_key: z.string(),
  declaration: z.strictObject({
    version: z.literal(1),
    units: z.array(
      z.object({ name: z.string(), ports: z.array(z.int()), configs: z.array(z.object({ name: z.string() })) }),
    ),
    endpoints: z.array(Named.extend({ port: z.int(), path: z.string(), unit: z.string() })),
    mounts: z.array(Named.extend({ path: z.string() })),
    logRoots: z.array(Named),
  }),
})

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'connect-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The block as a file of its name. */
function written(name: string): string {
  const file = join(folder, name)
  writeFileSync(file, page.block(name))
  return file
}

test.each(Object.keys(Config.shape))('the page says what the config’s key %s means', (key) => {
  expect(page.text).toContain(`\n| \`${key}\` |`)
})

test('the path of ansible-playbook has the version that set-up installs', () => {
  const setUp = readFileSync(join(import.meta.dirname, '..', '..', 'bin', 'tools', 'ansible.mjs'), 'utf8')
  const [, version = 'none'] = /^const version = '([\d.]+)'$/m.exec(setUp) ?? []
  expect(page.text).toContain(`/ansible/${version}/bin/ansible-playbook -i`)
})

test('what the host declares repeats the inventory', async () => {
  const [host] = await yamlInventory.load({ file: written('inventory.yaml') })
  const { host_id: id, declaration } = Onboarding.parse(JSON.parse(page.block('onboard.json')))

  expect({
    id,
    units: declaration.units.map(({ name, ports, configs }) => ({
      name,
      ports,
      configs: configs.map((one) => one.name),
    })),
    endpoints: declaration.endpoints,
    mounts: declaration.mounts,
  }).toEqual({
    id: host?.id,
    units: host?.units,
    endpoints: host?.endpoints.map(({ id, port, path, unit }) => ({ id, port, path, unit })),
    mounts: host?.mounts,
  })
})

test('the alert of the page names the host and the unit of its inventory, by the rule of its config', async () => {
  const hosts = await yamlInventory.load({ file: written('inventory.yaml') })
  const source = readConfig(written('millwright.yaml')).sources['production']
  const parsed = parsePayload(JSON.parse(page.block('alert.json')))
  const labels = parsed.kind === 'alerts' ? parsed.alerts[0]?.labels : undefined

  const index = targetIndex({ hosts, digest: 'of the test' })
  const { host, subjects } = index.resolve(labels ?? {}, source?.targets ?? [], 'default')

  expect(host?.id).toBe('web-01')
  expect(subjects).toEqual([{ kind: 'unit', name: 'nginx.service' }])
})

test('the source for any sender of JSON takes the body of the page, and the notifiers are those that there are', () => {
  const { sources } = z
    .object({
      sources: z.object({ desk: z.object({ hmac: z.unknown(), fields: z.unknown() }) }),
      notifiers: z.object({
        pager: alertmanagerNotifier.config.extend({ use: z.literal('alertmanager') }),
        chat: webhookNotifier.config.extend({ use: z.literal('webhook') }),
      }),
    })
    .parse(parse(page.block('desk.yaml')))
  const { hmac, fields } = sources.desk

  const parsed = generic.parse(JSON.parse(page.block('desk.json')), generic.config.parse({ hmac, fields }))

  expect(parsed).toMatchObject({
    kind: 'alerts',
    groupKey: 'disk',
    alerts: [{ status: 'firing', labels: { alertname: 'DiskFull', server: 'web-01', service: 'nginx.service' } }],
  })
  expect(readConfig(written('desk.yaml')).sources['desk']?.targets).toMatchObject([{ host: 'server', unit: 'service' }])
})

test('the models of the page are those that there are, and one of them has its price on the list', async () => {
  expect(await loadModels(readConfig(written('models.yaml')), () => '')).toMatchObject({
    planner: { use: 'anthropic', address: 'https://api.anthropic.com', price: { input: 2 } },
    reader: { use: 'openai-compatible', address: 'http://127.0.0.1:11434/v1', price: { input: 0 } },
  })
})
