import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { loadInventory, ownRoot } from '../../integrations/load.ts'
import { Config } from '../../runtime/config.ts'
import { fixturesIn, foldersIn } from '../support/folders.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millwright-inventory-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const key = `ssh-ed25519 ${'A'.repeat(68)}`

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const yaml = (text: string) =>
  loadInventory(Config.parse({ inventory: { use: 'yaml', file: file('hosts.yaml', text) } }))
const ansible = (path: string, more: object = {}) =>
  loadInventory(Config.parse({ inventory: { use: 'ansible', path, ...more } }))

const Fixture = z.strictObject({
  says: z.string(),
  /** Written before it is loaded. */
  files: z.record(z.string(), z.string()),
  /** Without `use`; `$FOLDER` is where the files are. */
  config: z.record(z.string(), z.string()),
  hosts: z.array(z.looseObject({ id: z.string() })),
})

const all = foldersIn(join(ownRoot, 'inventories'))

test.each(['ansible', 'yaml'])('the inventory %s is there', (name) => {
  expect(all).toContain(name)
})

describe.each(all)('the inventory %s', (use) => {
  const fixtures = fixturesIn(join(ownRoot, 'inventories', use)).map(({ content }) => Fixture.parse(content))
  const load = ({ files, config }: z.infer<typeof Fixture>, more: object = {}) => {
    for (const [name, text] of Object.entries(files)) file(name, text)
    const own = Object.entries(config).map(([key, value]) => [key, value.replace('$FOLDER', folder)])
    return loadInventory(Config.parse({ inventory: { use, ...Object.fromEntries(own), ...more } }))
  }

  test('has recorded inventories to be read', () => {
    expect(fixtures).not.toEqual([])
  })

  test.each(fixtures)('$says', async (fixture) => {
    expect((await load(fixture)).hosts).toEqual(fixture.hosts)
  })

  test.each(fixtures)('an unknown key in its block is refused, by name: $says', async (fixture) => {
    await expect(load(fixture, { surprise: 1 })).rejects.toMatchObject({ code: 'config.invalid', message: /surprise/ })
  })
})

describe('a YAML file', () => {
  test('what is not said has a default, and the digest is of what counts', async () => {
    const one = await yaml('hosts: [{ id: web-01.example.org, address: 10.0.0.1 }]')
    expect(one.hosts).toEqual([
      {
        id: 'web-01.example.org',
        name: 'web-01-example-org',
        address: '10.0.0.1',
        port: 22,
        hostKeys: [],
        team: 'default',
        environment: 'default',
        role: 'host',
        zone: 'default',
        units: [],
        endpoints: [],
        mounts: [],
        dependsOn: [],
      },
    ])
    expect((await yaml('# other words\nhosts:\n  - address: 10.0.0.1\n    id: web-01.example.org')).digest).toBe(
      one.digest,
    )
  })

  test('a whole host', async () => {
    const { hosts } = await yaml(`
hosts:
  - id: web-01
    address: 10.0.0.1
    hostKeys: ['${key}']
    environment: lab
    units: [{ name: nginx.service, configs: [nginx], ports: [80] }]
    endpoints: [{ id: home, url: 'http://web-01/', port: 80, unit: nginx.service }]
    mounts: [{ id: root, path: / }]`)
    expect(hosts[0]).toMatchObject({
      hostKeys: [key],
      environment: 'lab',
      endpoints: [{ path: '/', unit: 'nginx.service' }],
    })
  })

  test.each([
    ['an option as a name', 'hosts: [{ id: -oProxyCommand=x, address: 10.0.0.1 }]', /line 1, id/],
    [
      'an option as an address',
      'hosts:\n  - { id: a, address: 10.0.0.1 }\n  - { id: b, address: -oProxyCommand=x }',
      /line 3, address/,
    ],
    ['a template', "hosts: [{ id: a, address: '{{ x }}' }]", /address/],
    ['a unit that is an option', 'hosts: [{ id: a, address: b, units: [{ name: --now.service }] }]', /units\.0\.name/],
    [
      'a path that climbs out of its field',
      "hosts: [{ id: a, address: b, mounts: [{ id: m, path: 'relative' }] }]",
      /mounts\.0\.path/,
    ],
    ['a key that is none', 'hosts: [{ id: a, address: b, hostKeys: [ssh-dss AAAA] }]', /hostKeys\.0/],
    ['an unknown key', 'hosts: [{ id: a, address: b, sudo: true }]', /sudo/],
    ['the same id twice', 'hosts: [{ id: a, address: b }, { id: a, address: c }]', /two hosts have the id a/],
    [
      'the same unit twice',
      'hosts: [{ id: a, address: b, units: [{ name: x.service }, { name: x.service }] }]',
      /x\.service is declared twice/,
    ],
    [
      'an endpoint of no unit',
      "hosts: [{ id: a, address: b, endpoints: [{ id: e, url: 'http://a/', port: 80, unit: x.service }] }]",
      /not declared/,
    ],
    [
      'a dependency that does not stand in it',
      'hosts: [{ id: a, address: b, dependsOn: [c] }]',
      /host a depends on c, which does not stand/,
    ],
    ['a host that needs itself', 'hosts: [{ id: a, address: b, dependsOn: [a] }]', /depends on itself/],
    [
      'the same dependency twice',
      'hosts: [{ id: a, address: b, dependsOn: [c, c] }, { id: c, address: d }]',
      /dependency c is declared twice/,
    ],
    ['a dependency that is an option', 'hosts: [{ id: a, address: b, dependsOn: [-x] }]', /dependsOn\.0/],
    ['an alias', 'hosts: [&a { id: a, address: b }, *a]', /alias/i],
    ['no list', 'hosts: 1', /expected one key, hosts/],
    ['half of it', 'hosts: [{', /hosts\.yaml/],
  ])('%s is refused, naming the place', async (_, text, message) => {
    await expect(yaml(text)).rejects.toMatchObject({ code: 'config.invalid', message: expect.stringMatching(message) })
  })

  test('a file that is not there is said', async () => {
    const config = Config.parse({ inventory: { use: 'yaml', file: join(folder, 'none.yaml') } })
    await expect(loadInventory(config)).rejects.toMatchObject({
      code: 'config.invalid',
      message: expect.stringContaining('none.yaml'),
    })
  })
})

describe('an Ansible inventory', () => {
  test('INI with groups: address and port are Ansible’s, the rest is the host’s own variable', async () => {
    const path = file(
      'hosts.ini',
      `[web]\nweb-01 ansible_host=10.0.0.1 ansible_port=2222\nweb-02\n[db]\ndb-01\n[all:vars]\nsomething=else\n`,
    )
    const all = await ansible(path)
    expect(all.hosts.map(({ id }) => id).sort()).toEqual(['db-01', 'web-01', 'web-02'])
    const { hosts } = await ansible(path, { group: 'web' })
    expect(hosts).toMatchObject([
      { id: 'web-01', address: '10.0.0.1', port: 2222, units: [] },
      { id: 'web-02', address: 'web-02', port: 22 },
    ])
  })

  test('YAML with what Millwright needs', async () => {
    const millwright = { environment: 'lab', hostKeys: [key], units: [{ name: 'nginx.service', ports: [80] }] }
    const text = JSON.stringify({
      all: { children: { web: { hosts: { 'web-01': { ansible_host: '10.0.0.1', millwright } } } } },
    })
    const { hosts } = await ansible(file('hosts.yml', text))
    expect(hosts).toMatchObject([
      { id: 'web-01', environment: 'lab', hostKeys: [key], units: [{ name: 'nginx.service', ports: [80] }] },
    ])
  })

  test.each([
    ['a name that is an option', 'bad.ini', 'web-01 ansible_host=-oProxyCommand=x\n', /host web-01, address/],
    ['an unknown word of ours', 'own.yml', '{"all":{"hosts":{"web-01":{"millwright":{"sudo":true}}}}}', /sudo/],
    ['ours as a mere word', 'word.ini', 'web-01 millwright=yes\n', /millwright/],
  ])('%s is refused, naming the host', async (_, name, text, message) => {
    await expect(ansible(file(name, text))).rejects.toMatchObject({
      code: 'config.invalid',
      message: expect.stringMatching(message),
    })
  })

  test('a group that is not there is said, and an inventory that is none is no empty one', async () => {
    const path = file('hosts2.ini', 'web-01\n')
    await expect(ansible(path, { group: 'nobody' })).rejects.toThrow(/no group nobody/)
    await expect(ansible(join(folder, 'none.ini'))).rejects.toMatchObject({ code: 'config.invalid' })
  })
})
