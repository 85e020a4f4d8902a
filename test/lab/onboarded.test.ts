import { afterAll, beforeAll, expect, test } from 'vitest'
import yamlInventory from '../../integrations/inventories/yaml/index.ts'
import { inside } from '../../lab/inside.ts'
import { attempt } from '../../lab/run.ts'
import { requireHost, requireState } from '../../lab/state.ts'
import { type Lab, startLab } from '../../lab/up.ts'

let lab: Lab

beforeAll(async () => {
  lab = await startLab({ hosts: 1, monitoring: false })
})

afterAll(() => lab.stop())

function ssh(user: string, key: string, input: string) {
  const trust = [
    '-o',
    `UserKnownHostsFile=${lab.knownHostsPath}`,
    '-o',
    'StrictHostKeyChecking=yes',
    '-o',
    'BatchMode=yes',
  ]
  const address = lab.hosts[0]?.address ?? ''
  return attempt(['ssh', ...trust, '-T', '-F', 'none', '-o', 'IdentitiesOnly=yes', '-i', key, `${user}@${address}`], {
    input,
  })
}

test('the reading key reaches the fixed program and no shell', async () => {
  const answer = await ssh('millwright-ro', lab.readKeyPath, '{}')
  expect(JSON.parse(answer.stdout)).toMatchObject({ host: 'web-01', denied: {} })
})

test('the reading account has a number that no other host’s has, for the kernel counts processes by it', async () => {
  const uid = Number(await inside(requireHost(requireState(lab.name), 'web-01'), ['id', '-u', 'millwright-ro']))
  expect(uid).toBeGreaterThanOrEqual(10_000)
})

test('no standing key opens the writing account', async () => {
  for (const key of [lab.readKeyPath, lab.authorityKeyPath, lab.operatorKeyPath]) {
    expect((await ssh('millwright-act', key, '')).exitCode).toBe(255)
  }
})

test('the inventory is one that Millwright loads, with the host key that the host shows', async () => {
  const hosts = await yamlInventory.load({ file: lab.inventoryPath })
  const shown = await inside(requireHost(requireState(lab.name), 'web-01'), [
    'cat',
    '/etc/ssh/ssh_host_ed25519_key.pub',
  ])
  expect(hosts).toHaveLength(1)
  expect(hosts[0]).toMatchObject({ id: 'web-01', address: lab.hosts[0]?.address, environment: 'lab', role: 'web' })
  expect(shown).toContain(hosts[0]?.hostKeys[0])
})
