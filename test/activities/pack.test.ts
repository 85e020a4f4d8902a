// What a first look asks beyond what the alert names, and where the pack shows it. Pure: no host is asked.
import { expect, test } from 'vitest'
import { baselineRequests } from '../../activities/baseline.ts'
import { composePack, type PackInput } from '../../activities/pack/compose.ts'
import { labelled } from '../../activities/pack/evidence-text.ts'
import { applicable } from '../../activities/pack/known.ts'
import { loadCatalogue } from '../../catalogue/load.ts'
import type { Evidence, Facts, ProbeRequest } from '../../domain/evidence.ts'
import type { InventoryHost, Subject } from '../../domain/inventory.ts'
import { ownPlaybooks } from '../../workers/world.ts'

const unit = (name: string) => ({ name, configs: [], ports: [] })
const page: Subject = { kind: 'endpoint', name: 'home' }
const web: InventoryHost = {
  id: 'web-01',
  name: 'web-01',
  address: '192.0.2.1',
  port: 22,
  hostKeys: [],
  team: 'default',
  environment: 'default',
  role: 'web',
  zone: 'default',
  units: ['nginx.service', 'app.service', ...Array.from({ length: 9 }, (_, at) => `more-${at}.service`)].map(unit),
  endpoints: [{ id: 'home', url: 'http://web-01/', port: 80, path: '/', unit: 'nginx.service' }],
  mounts: [],
  dependsOn: [],
}

function seen(request: ProbeRequest, facts: Facts, excerpt: string): Evidence {
  const outcome = { status: 'ok', facts, excerpt, truncated: false } as const
  return { id: `${request.probe} ${excerpt}`, request, outcome, takenAt: '', hostClock: null, hostDigest: null }
}

type More = Partial<PackInput>

function packOf(evidence: readonly Evidence[], subjects: readonly Subject[], more: More = {}): string {
  const input: PackInput = {
    alerts: [],
    alertsLeft: 0,
    looked: { host: web, subjects },
    evidence: labelled(1, web.id, evidence),
    not: [],
    unseen: [],
    similar: [],
    playbooks: [],
    tried: [],
    profile: { facts: [], metrics: {}, logs: {} },
    readable: [web],
    turns: 6,
    reader: false,
    now: '2026-11-22T00:00:00.000Z',
    maximumBytes: 4_000,
    fence: (title, text) => `${title}\n${text}`,
    ...more,
  }
  return composePack(input)
}

test('a page that fails has the units beside its own looked at, so many of them', () => {
  const asked = baselineRequests({ host: web, subjects: [page] })
  const journals = asked.filter(({ probe }) => probe === 'journal').map(({ params }) => params['unit'])

  expect(journals).toEqual(['nginx.service', 'app.service', ...[0, 1, 2, 3, 4].map((at) => `more-${at}.service`)])
  expect(asked).toContainEqual({ probe: 'listeners', params: { unit: 'app.service' } })
})

test('trouble that a neighbour tells of is shown, though its author gave it no severity', () => {
  const request = { probe: 'journal', params: { unit: 'app.service', lines: 20 } }
  const pack = packOf([seen(request, { lines: 1, errors: 0 }, "RuntimeError: can't start new thread")], [page])

  expect(pack).toContain("can't start new thread")
})

test('of processes the largest are shown, with their units', () => {
  const byMemory = [8, 7, 6, 5, 4, 3, 2, 1].map((size) => `worker ${size} ${size * 50_000_000} batch-${size}.service`)
  const facts = { byCpu: [], byMemory, processes: 8 }

  expect(packOf([seen({ probe: 'top-processes', params: {} }, facts, '')], [])).toContain('batch-8.service')
})

test('what a unit starts comes before what runs well, and a calm one is a line', () => {
  const wrong = { problems: ['/opt/app/run does not exist'], type: 'simple', changed: [], dropIns: [] }
  const calm = { ...wrong, problems: [] }
  const pack = packOf(
    [
      seen({ probe: 'unit-start', params: { unit: 'more-0.service' } }, calm, ''),
      seen({ probe: 'unit-start', params: { unit: 'app.service' } }, wrong, ''),
    ],
    [page],
  )

  expect(pack.indexOf('/opt/app/run does not exist')).toBeGreaterThan(pack.indexOf('what looks wrong'))
  expect(pack.split('looks well')[1]).toContain('unit-start more-0.service')
})

test('changed lines of a configuration are shown in their order', () => {
  const lines = ['==> changed /etc/nginx/site', '- listen 80;', '+ listen 81;', '+ deny all;']
  const facts = { files: ['changed /etc/nginx/site'], added: 2, removed: 1, compared: true }
  const pack = packOf([seen({ probe: 'config-changes', params: { unit: 'app.service' } }, facts, lines.join('\n'))], [])

  expect(pack).toContain(lines.map((line) => `  ${line}`).join('\n'))
})

test('a machine is asked what everything on it needs, whatever the alert names', () => {
  const asked = baselineRequests({ host: web, subjects: [page] }).map(({ probe }) => probe)

  for (const probe of [
    'top-processes',
    'memory',
    'filesystems',
    'network',
    'name-servers',
    'lock-files',
    'time-status',
  ]) {
    expect(asked).toContain(probe)
  }
})

test('what takes the space of the mount that an alert names is shown before what is strange elsewhere', () => {
  const rotated = { files: ['/var/log/app.log.3.gz'], bytes: 7 }
  const moved = { type: 'simple', changed: ['2026-11-22T00:00:00Z /opt/app/run'] }
  const pack = packOf(
    [
      seen({ probe: 'unit-start', params: { unit: 'app.service' } }, moved, ''),
      seen({ probe: 'rotated-logs', params: { mount: 'logs' } }, rotated, ''),
    ],
    [{ kind: 'mount', name: 'logs' }],
  )

  expect(pack.indexOf('app.log.3.gz')).toBeLessThan(pack.indexOf('/opt/app/run'))
  expect(pack.indexOf('app.log.3.gz')).toBeGreaterThan(pack.indexOf('what looks wrong'))
})

test('what an alert says of itself is shown whole, though there is little room', () => {
  const annotations = Object.fromEntries([1, 2, 3].map((at) => [`note${at}`, `${'word '.repeat(60)}end${at}`]))
  const alert = { labels: { alertname: 'PageDown' }, annotations, startsAt: '2026-11-22T00:00:00.000Z' }
  const pack = packOf([], [page], { alerts: [alert] })

  for (const end of ['end1', 'end2', 'end3']) expect(pack).toContain(end)
})

test('however much looks wrong, what a model decides with keeps its room', async () => {
  const { playbooks } = await loadCatalogue({ dir: ownPlaybooks, modes: {} })
  const inUse = playbooks.map((one) => ({ ...one, modes: { default: 'suggest' } as const }))
  const mounts = [{ id: 'logs', path: '/var/log/nginx' }]
  const host = {
    ...web,
    units: [{ ...unit('nginx.service'), configs: ['/etc/nginx'] }],
    mounts,
  }
  const problems = Array.from({ length: 6 }, (_, at) => `/opt/acme/bin/program-${at} does not exist`)
  const evidence = baselineRequests({ host, subjects: [page] }).map((request) =>
    seen(request, { problems, activeState: 'failed', valid: false, errors: 9, count: 9 }, 'it failed\n'.repeat(20)),
  )
  const readable = [host, ...['web-02', 'db-01'].map((id) => ({ ...web, id }))]
  for (const reader of [true, false]) {
    const pack = packOf(evidence, [page], {
      looked: { host, subjects: [page] },
      playbooks: inUse,
      readable,
      reader,
      maximumBytes: 8_000,
    })
    for (const { id } of applicable(inUse, { host, subjects: [page] })) expect(pack).toContain(`- ${id} (tier`)
    expect(pack.match(/^- [A-Z][^?\n]+\? /gm)).toHaveLength(5)
    for (const { id } of readable) expect(pack).toMatch(new RegExp(`^- ${id} \\(`, 'm'))
    expect(pack).toContain('You have 6 turns')
    expect(pack).toContain('program-0 does not exist')
  }
})

test('of a long list the worst is shown, which stands first', () => {
  const stale = Array.from({ length: 26 }, (_, at) => `/run/lock/job-${at}.lock of process ${at + 100}, which is gone`)
  const pack = packOf([seen({ probe: 'lock-files', params: {} }, { stale }, '')], [])
  expect(pack).toContain('job-0.lock')
  expect(pack).not.toContain('job-25.lock')
})

test('an alert about the host as a whole tells what is broken before what is well', () => {
  const well = seen({ probe: 'memory', params: {} }, { usedPercent: 12 }, '')
  const broken = seen({ probe: 'http-probe', params: { endpoint: 'home' } }, { ok: false, status: 502 }, '')
  const pack = packOf([well, broken], [])
  expect(pack.indexOf('502')).toBeLessThan(pack.indexOf('usedPercent'))
})
