import { expect, test } from 'vitest'
import { toolsOffered } from '../../../activities/investigation/tools-offered.ts'
import type { InventoryHost } from '../../../domain/inventory.ts'
import { loadProbes } from '../../../probes/load.ts'

const probes = await loadProbes()
const bare: InventoryHost = {
  id: 'db-01',
  name: 'db-01',
  address: '192.0.2.1',
  port: 22,
  hostKeys: [],
  team: 'default',
  environment: 'default',
  role: 'db',
  zone: 'default',
  units: [],
  endpoints: [],
  mounts: [],
  dependsOn: [],
}
const web: InventoryHost = {
  ...bare,
  id: 'web-01',
  name: 'web-01',
  units: [{ name: 'nginx.service', configs: [], ports: [] }],
}
const noQueries = { metrics: {}, logs: {} }
const names = (hosts: readonly InventoryHost[]): readonly string[] =>
  toolsOffered({ probes, profile: noQueries, hosts }).map(({ name }) => name)
const look = (hosts: readonly InventoryHost[]): string =>
  toolsOffered({ probes, profile: noQueries, hosts }).find(({ name }) => name === 'look')?.description ?? ''

test('a probe is offered, with what it takes, where one of the hosts declares what it asks for', () => {
  expect(look([bare])).not.toContain('unit-status')
  expect(look([bare, web])).toMatch(/^- unit-status \(unit\): /m)
  expect(look([bare, web])).toMatch(/^- journal \(unit, lines: \d+ to \d+\): /m)
  expect(look([bare, web])).toMatch(/^- memory: /m)
  expect(look([bare, web])).not.toContain('disk-usage')
})

test('what tells of Millwright itself is not offered', () => {
  expect(look([web])).not.toContain('run-record')
})

test('queries are offered by the names of the profile alone', () => {
  const query = { says: 'errors a second', query: 'sum(rate(errors[5m]))' }
  expect(names([web])).not.toContain('metrics')
  const offered = toolsOffered({ probes, profile: { metrics: { errors: query }, logs: {} }, hosts: [web] }).find(
    ({ name }) => name === 'metrics',
  )
  expect(offered?.description).toContain('errors')
  expect(JSON.stringify(offered)).not.toContain('rate(')
})

test('three endings are offered last, whatever the hosts are', () => {
  expect(names([]).slice(-3)).toEqual(['propose_remediation', 'propose_code_fix', 'escalate'])
})

test('the shape of a conclusion is said once, and each ending says what it has to have', () => {
  const [remediation, ...others] = toolsOffered({ probes, profile: noQueries, hosts: [] })
  expect(JSON.stringify(remediation?.input)).toContain('"ruled_out"')
  expect(others).toHaveLength(2)
  for (const { description, input } of others) {
    expect(input).toEqual({ type: 'object', required: ['hypothesis', 'confidence', 'for'] })
    expect(description).toContain('Takes what propose_remediation takes, but no playbook and no params.')
  }
})

test('the same arguments give the same bytes, and all of it leaves room for evidence in 15 KB', () => {
  const once = JSON.stringify(toolsOffered({ probes, profile: noQueries, hosts: [web, bare] }))
  expect(JSON.stringify(toolsOffered({ probes, profile: noQueries, hosts: [web, bare] }))).toBe(once)
  const mounts = [{ id: 'root', path: '/' }]
  const endpoints = [{ id: 'site', url: 'http://web-01/', port: 80, path: '/', unit: null }]
  const all = toolsOffered({ probes, profile: noQueries, hosts: [{ ...web, mounts, endpoints }] })
  expect(Buffer.byteLength(JSON.stringify(all))).toBeLessThan(5_050)
})
