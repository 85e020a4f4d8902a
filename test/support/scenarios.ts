// Incidents as they really go, one function each: the pages' tests and pictures are made from them.
import type { Check, TimelineEntry } from '../../domain/timeline.ts'
import type { Store } from '../../store/connect.ts'
import { type Seeded, seedEvidence, seedIncident, seedPlan, seedRun, seedStory } from './seed.ts'

type Told = readonly (readonly [number, TimelineEntry])[]

const checks: readonly Check[] = [
  { says: 'nginx.service is active', answer: 'holds', observed: 'active', evidence: null },
  { says: 'port 80 listens', answer: 'holds', observed: '80', evidence: null },
  { says: 'GET / answers 200', answer: 'holds', observed: '200', evidence: null },
]
const not = [
  {
    playbook: 'config-restore',
    signature: 'bad-config',
    because: [{ says: 'the configuration is invalid', answer: 'fails', observed: 'valid', evidence: null }],
  },
  {
    playbook: 'disk-space-reclaim',
    signature: 'disk-full-of-logs',
    because: [{ says: '/ is at least 90 % full', answer: 'fails', observed: '61', evidence: null }],
  },
] as const

const nginxAnswers = [
  [
    { probe: 'unit-status', params: { unit: 'nginx.service' } },
    {
      status: 'ok',
      facts: { state: 'failed', result: 'oom-kill', since: '2026-11-21T02:51:01Z', restarts: 0 },
      excerpt:
        'nginx.service: A process of this unit has been killed by the OOM killer.\nnginx.service: Failed with result oom-kill.',
      truncated: true,
    },
  ],
  [
    { probe: 'listeners', params: {} },
    { status: 'ok', facts: { ports: [22, 9100] }, excerpt: '', truncated: false },
  ],
  [
    { probe: 'config-test', params: { unit: 'nginx.service' } },
    { status: 'ok', facts: { valid: true }, excerpt: 'syntax is ok', truncated: false },
  ],
  [
    { probe: 'certificate', params: { endpoint: 'front' } },
    { status: 'failed', reason: 'timeout', message: 'The probe did not answer within 5 s.' },
  ],
] as const

async function opening(store: Store, incident: Seeded): Promise<Told> {
  const evidence = await seedEvidence(store, incident, nginxAnswers)
  return [
    [
      0,
      {
        kind: 'alerted',
        source: incidentSource,
        alerts: ['BlackboxProbeFailed', 'SystemdUnitFailed'],
        severity: 'critical',
      },
    ],
    [20, { kind: 'scoped', host: 'web-01', subjects: ['nginx.service'] }],
    [130, { kind: 'looked', host: 'web-01', round: 1, evidence, failed: 1, milliseconds: 61 }],
  ]
}

const incidentSource = 'alertmanager'

function recognised(says: string, playbook: string): TimelineEntry {
  return {
    kind: 'recognised',
    playbook,
    signature: 'service-crashed',
    says,
    params: { unit: 'nginx.service' },
    checks,
    not,
  }
}

/** A crashed service, repaired alone, verified and closed. */
export async function repaired(store: Store, openedAt: Date): Promise<Seeded> {
  const closedAt = new Date(openedAt.getTime() + 64_000)
  const incident = await seedIncident(store, {
    openedAt,
    closedAt,
    state: 'closed',
    closedReason: 'recovered',
    sourceStatus: 'resolved',
  })
  const plan = await seedPlan(store, incident)
  const run = await seedRun(store, incident, plan, {
    after: 900,
    state: 'succeeded',
    outcome: { kind: 'succeeded', changed: 1, tasks: 4 },
  })
  await seedStory(store, incident, [
    ...(await opening(store, incident)),
    [210, recognised('nginx.service was killed for want of memory', 'service-restart')],
    [230, planned(plan)],
    [240, policy(plan.id, 'auto', 'Tier 1 may act alone in lab, once an hour per host')],
    [300, { kind: 'run-requested', run, plan: plan.id, deadline: later(openedAt, 60_000), undo: false }],
    [3_900, { kind: 'run-ended', run, outcome: { kind: 'succeeded', changed: 1, tasks: 4 }, undo: false }],
    [4_400, { kind: 'recovered', checks, rule: 'clear', soakSeconds: 60 }],
    [64_000, { kind: 'verified', checks, rule: 'clear', heldSeconds: 60 }],
    [64_010, { kind: 'closed', reason: 'recovered', person: null, says: 'Restarted and held.' }],
  ])
  return incident
}

type SeededPlan = Awaited<ReturnType<typeof seedPlan>>

function planned(plan: SeededPlan): TimelineEntry {
  const { id, digest, playbook, wants, attempt, preview } = plan
  return {
    kind: 'planned',
    plan: id,
    digest,
    playbook: playbook.id,
    version: playbook.version,
    wants,
    attempt,
    preview,
  }
}

function policy(plan: string, verdict: 'auto' | 'ask' | 'forbid', says: string): TimelineEntry {
  return { kind: 'policy', plan, answer: { verdict, rule: { id: 'rule', says }, policies: 'a'.repeat(64) } }
}

function later(from: Date, milliseconds: number): string {
  return new Date(from.getTime() + milliseconds).toISOString()
}

/** A disk filling up, planned, waiting for a person for another nine minutes. */
export async function awaiting(store: Store, now: Date, logs = 14): Promise<Seeded & { plan: string; digest: string }> {
  const openedAt = new Date(now.getTime() - 360_000)
  const incident = await seedIncident(store, {
    openedAt,
    state: 'awaiting-approval',
    title: 'HostOutOfDiskSpace on web-02',
    host: 'web-02',
    severity: 'warning',
  })
  const plan = await seedPlan(store, incident, {
    playbook: { id: 'disk-space-reclaim', version: '1.2.0', digest: 'd'.repeat(64) },
    wants: 'Delete rotated logs of nginx older than 7 days',
    because: '/var/log is 94 % full of rotated logs: 3.1 GB',
    tier: 2,
    hosts: [{ id: 'web-02', name: 'web-02', hostKeys: [] }],
    preview: [
      { says: `Delete ${logs} rotated logs, 3.1 GB`, items: rotatedLogs(logs), touches: [], reversible: false },
      { says: 'Reload nginx.service', items: [], touches: [], reversible: true },
    ],
    createdAt: new Date(now.getTime() - 40_000).toISOString(),
    expiresAt: later(now, 560_000),
  })
  await seedStory(store, incident, [
    [0, { kind: 'alerted', source: incidentSource, alerts: ['HostOutOfDiskSpace'], severity: 'warning' }],
    [20, { kind: 'scoped', host: 'web-02', subjects: ['/var/log'] }],
    [140, { kind: 'looked', host: 'web-02', round: 1, evidence: [], failed: 0, milliseconds: 88 }],
    [210, { ...recognisedDisk }],
    [230, planned(plan)],
    [240, policy(plan.id, 'ask', 'Tier 2 asks a person')],
    [250, { kind: 'asked', plan: plan.id, digest: plan.digest, expiresAt: later(now, 540_000) }],
  ])
  return { ...incident, plan: plan.id, digest: plan.digest }
}

const recognisedDisk: TimelineEntry = {
  kind: 'recognised',
  playbook: 'disk-space-reclaim',
  signature: 'disk-full-of-logs',
  says: '/var/log is 94 % full of rotated logs',
  params: { mount: 'var-log' },
  checks: [
    { says: '/var/log is at least 90 % full', answer: 'holds', observed: '94', evidence: null },
    { says: 'rotated logs hold at least 1 GB', answer: 'holds', observed: '3100000000', evidence: null },
    { says: 'no deleted file is held open', answer: 'holds', observed: '0', evidence: null },
  ],
  not,
}

function rotatedLogs(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `/var/log/nginx/access.log.${at + 8}.gz`)
}

/** A fault that nothing knows, handed over with its evidence. */
export async function handedOver(store: Store, openedAt: Date): Promise<Seeded> {
  const incident = await seedIncident(store, {
    openedAt,
    state: 'handed-over',
    reason: 'novel',
    title: 'HighErrorRate on web-01',
  })
  await seedStory(store, incident, [
    ...(await opening(store, incident)),
    [220, { kind: 'not-recognised', not }],
    [
      230,
      {
        kind: 'handed-over',
        reason: 'novel',
        says: 'Handed over with 4 pieces of evidence; 2 known faults ruled out.',
      },
    ],
  ])
  return incident
}

/** Repaired a moment ago; the checks hold and must keep holding. */
export async function recovering(store: Store, now: Date): Promise<Seeded> {
  const openedAt = new Date(now.getTime() - 24_000)
  const incident = await seedIncident(store, { openedAt, state: 'verifying' })
  const plan = await seedPlan(store, incident)
  const outcome = { kind: 'succeeded', changed: 1, tasks: 4 } as const
  const run = await seedRun(store, incident, plan, { after: 900, state: 'succeeded', outcome })
  await seedStory(store, incident, [
    ...(await opening(store, incident)),
    [210, recognised('nginx.service crashed', 'service-restart')],
    [230, planned(plan)],
    [240, policy(plan.id, 'auto', 'Tier 1 may act alone in lab, once an hour per host')],
    [300, { kind: 'run-requested', run, plan: plan.id, deadline: later(openedAt, 60_000), undo: false }],
    [3_900, { kind: 'run-ended', run, outcome, undo: false }],
    [4_000, { kind: 'recovered', checks, rule: 'clear', soakSeconds: 60 }],
  ])
  return incident
}

/** The repair ran, verification failed, and a person has it. */
export async function notRecovered(store: Store, openedAt: Date): Promise<Seeded> {
  const incident = await seedIncident(store, { openedAt, state: 'handed-over', reason: 'failed' })
  const plan = await seedPlan(store, incident)
  const outcome = { kind: 'succeeded', changed: 1, tasks: 4 } as const
  const run = await seedRun(store, incident, plan, { after: 900, state: 'succeeded', outcome })
  const failing: readonly Check[] = [
    { says: 'nginx.service is active', answer: 'fails', observed: 'failed', evidence: null },
  ]
  await seedStory(store, incident, [
    ...(await opening(store, incident)),
    [210, recognised('nginx.service crashed', 'service-restart')],
    [230, planned(plan)],
    [240, policy(plan.id, 'auto', 'Tier 1 may act alone in lab, once an hour per host')],
    [300, { kind: 'run-requested', run, plan: plan.id, deadline: later(openedAt, 60_000), undo: false }],
    [3_900, { kind: 'run-ended', run, outcome, undo: false }],
    [34_000, { kind: 'not-recovered', checks: failing, rule: 'firing' }],
    [34_100, { kind: 'handed-over', reason: 'failed', says: 'One repair did not hold and no other fits.' }],
  ])
  return incident
}

/** It was well again before anything was tried. */
export async function byItself(store: Store, openedAt: Date): Promise<Seeded> {
  const closedAt = new Date(openedAt.getTime() + 240_000)
  const incident = await seedIncident(store, {
    openedAt,
    closedAt,
    state: 'closed',
    closedReason: 'recovered-by-itself',
    title: 'HostHighCpuLoad on web-02',
    host: 'web-02',
    severity: 'warning',
    sourceStatus: 'resolved',
  })
  await seedStory(store, incident, [
    [0, { kind: 'alerted', source: incidentSource, alerts: ['HostHighCpuLoad'], severity: 'warning' }],
    [20, { kind: 'scoped', host: 'web-02', subjects: [] }],
    [239_000, { kind: 'source-resolved' }],
    [
      240_000,
      { kind: 'closed', reason: 'recovered-by-itself', person: null, says: 'Clear before any change was made.' },
    ],
  ])
  return incident
}
