// What a run needs around it, real but for the host: a store, the shipped catalogue and policies, a decided plan.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { onTestFinished } from 'vitest'
import { createDecideAgain } from '../../activities/decide-again.ts'
import type { RunPlaybookDeps } from '../../activities/run-playbook.ts'
import { entryNames, readEntry } from '../../catalogue/entry.ts'
import { pinnedDigest, readLock } from '../../catalogue/lock.ts'
import { loadCatalogue } from '../../catalogue/load.ts'
import type { Evidence, Facts } from '../../domain/evidence.ts'
import type { InventoryHost } from '../../domain/inventory.ts'
import type { Plan } from '../../domain/plan.ts'
import { loadPolicies } from '../../policies/evaluate.ts'
import { installedFrame } from '../../runtime/ansible/frame.ts'
import { launchSpawned } from '../../runtime/ansible/launch-spawned.ts'
import { createCertificateDoor } from '../../runtime/certificate-door.ts'
import { digestOf } from '../../runtime/digest.ts'
import { newId } from '../../runtime/ids.ts'
import type { Insertable } from 'kysely'
import type { Store } from '../../store/connect.ts'
import type { Database } from '../../store/schema.ts'
import { seedIncident, seedPlan, seedRun } from '../support/seed.ts'
import { seedAsked, seedEntry } from '../support/seed-entry.ts'

export const playbooksDir = join(import.meta.dirname, '..', '..', 'playbooks')

const everythingInTheLab = Object.fromEntries(entryNames(playbooksDir).map((id) => [id, { lab: 'auto' as const }]))

export type Fleet = {
  readonly host: InventoryHost
  /** Text of the CA's private key. */
  readonly authority: () => string
  readonly measure: RunPlaybookDeps['measure']
}

/** Nothing listens there: a run that comes so far as to connect is refused by its door. */
export const deafHost: InventoryHost = {
  id: 'web-01',
  name: 'web-01',
  address: '127.0.0.1',
  port: 9,
  hostKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHUm6dyTqYfQrSkJfTjDQZ3Vq0C6C2CC2Qb8gWqGk1vN'],
  team: 'default',
  environment: 'lab',
  role: 'web',
  zone: 'default',
  units: [{ name: 'nginx.service', configs: ['nginx'], ports: [80] }],
  endpoints: [{ id: 'home', url: 'http://web-01/', port: 80, path: '/', unit: 'nginx.service' }],
  mounts: [{ id: 'nginx-logs', path: '/var/log/nginx' }],
  dependsOn: [],
}

/** What the probes say of a crashed unit. */
export const crashed: Readonly<Record<string, Facts>> = {
  'unit-status': { activeState: 'failed' },
  'config-test': { refused: false },
  listeners: { taken: false },
}

/** The key of an authority that no host trusts. */
export function strangeAuthority(): string {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-ca-'))
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'ca')])
  const key = readFileSync(join(folder, 'ca'), 'utf8')
  rmSync(folder, { recursive: true })
  return key
}

/** What was computed for the plan and is measured again: a host on which only the list itself differs. */
const unchanged = { digest: 'the-same' } as const

/** What the probe of rotated logs says of these files. */
export const listing = (...files: readonly string[]): Facts => ({
  ...unchanged,
  files: files.map((file) => `/var/log/nginx/${file}`),
  count: files.length,
  complete: true,
})

/** What it says where nobody learns the names. */
export const unlisted: Facts = { ...unchanged, complete: true, count: 1 }

/** A plan that shows two files to be deleted, and a host on which one of them is left. */
export const reclaiming = {
  plan: {
    playbook: {
      id: 'disk-space-reclaim',
      version: '1.0.0',
      digest: pinnedDigest(readLock(playbooksDir), readEntry(playbooksDir, 'disk-space-reclaim'), installedFrame()),
    },
    params: { mount: 'nginx-logs', ...unchanged },
    preview: [
      {
        says: 'Delete',
        items: ['/var/log/nginx/a.log.1', '/var/log/nginx/gone.log.1'],
        touches: [],
        reversible: false,
      },
    ],
  },
  facts: { 'disk-usage': { usedPercent: 90, readOnly: false }, 'rotated-logs': listing('a.log.1') },
} satisfies { readonly plan: Partial<Plan>; readonly facts: Readonly<Record<string, Facts>> }

/** Answers each probe with the facts given for it. */
export function seeing(facts: Readonly<Record<string, Facts>>): RunPlaybookDeps['measure'] {
  return async (_, requests) =>
    requests.map((request): Evidence => ({
      id: `${digestOf(request)}`,
      request,
      outcome: { status: 'ok', facts: facts[request.probe] ?? {}, excerpt: '', truncated: false },
      takenAt: new Date().toISOString(),
      hostClock: null,
      hostDigest: null,
    }))
}

/** Everything that `runPlaybook` is given; `change` replaces parts. */
export async function runDeps(
  store: Store,
  fleet: Fleet,
  change: Partial<RunPlaybookDeps> = {},
): Promise<RunPlaybookDeps> {
  const privateDir = mkdtempSync(join(tmpdir(), 'millwright-run-'))
  onTestFinished(() => rmSync(privateDir, { recursive: true, force: true }))
  const catalogue = await loadCatalogue({ dir: playbooksDir, modes: everythingInTheLab })
  const policies = loadPolicies()
  const now = () => new Date()
  const config = { environments: {}, timeFactor: 60 }
  const decideAgain = createDecideAgain({ store, catalogue: () => catalogue, policies: () => policies, config, now })
  return {
    store,
    playbooksDir,
    inventory: () => ({ digest: digestOf('i'), hosts: [fleet.host] }),
    decideAgain,
    measure: fleet.measure,
    door: createCertificateDoor({ authority: fleet.authority, sourceAddress: null, measure: fleet.measure }),
    launch: launchSpawned,
    privateDir,
    log: pino({ enabled: false }),
    now,
    cancelled: () => new AbortController().signal,
    ...change,
  }
}

export type Opened = {
  readonly run: string
  readonly plan: Plan & { readonly digest: string }
  readonly incident: string
}

/** An incident, its plan and its run in state `planned`, asked for; before an undo what it undoes, which failed. */
export async function openRun(
  store: Store,
  host: InventoryHost,
  change: Partial<Plan> = {},
  dir = playbooksDir,
): Promise<Opened> {
  const incident = await seedIncident(store, { openedAt: new Date(), host: host.id })
  const catalogue = await loadCatalogue({ dir, modes: {} })
  const [only] = catalogue.playbooks
  const id = change.playbook?.id ?? (dir === playbooksDir ? 'service-restart' : (only?.id ?? ''))
  const playbook = catalogue.playbooks.find((one) => one.id === id)
  const pinned = { id, version: playbook?.version ?? '1.0.0', digest: playbook?.digest ?? '' }
  const hosts: Plan['hosts'] = [{ id: host.id, name: host.name, hostKeys: host.hostKeys }]
  if (change.kind === 'undo') {
    const outcome = { kind: 'failed', says: 'It went wrong.', task: null, changed: 1 } as const
    const undone = await seedPlan(store, incident, { playbook: pinned, hosts, ...change, kind: 'remediate' })
    const failed = await seedRun(store, incident, undone, { after: 300, state: 'failed', outcome })
    await seedEntry(store, incident.id, 'investigating', { kind: 'run-ended', run: failed, outcome, undo: false })
  }
  const plan = await seedPlan(store, incident, { playbook: pinned, hosts, ...change })
  const run = newId('run')
  await store
    .insertInto('run')
    .values({
      id: run,
      incident: incident.id,
      plan: plan.id,
      plan_digest: plan.digest,
      team: 'default',
      environment: 'lab',
      host: host.id,
      playbook: plan.playbook.id,
      decision: null,
      state: 'planned',
      created_at: new Date(),
      deadline: new Date(Date.now() + 60_000),
    })
    .execute()
  await seedAsked(store, incident.id, { run, plan: plan.id, undo: plan.kind === 'undo' })
  return { run, plan, incident: incident.id }
}

/** An approval of the plan by a person, delivered, and given to the run. */
export async function approve(
  store: Store,
  opened: Opened,
  change: Partial<Insertable<Database['decision']>> = {},
): Promise<void> {
  const at = new Date()
  const id = `dec_${opened.run}`
  const owned = { team: 'default', environment: 'lab' }
  await store
    .insertInto('person')
    .values({ name: 'alex', role: 'approver', team: 'default', created_at: at })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  await store
    .insertInto('decision')
    .values({
      ...owned,
      id,
      plan_digest: opened.plan.digest,
      incident: opened.incident,
      person: 'alex',
      role: 'approver',
      verdict: 'approve',
      reason: 'ok',
      decided_at: at,
      valid_until: new Date(at.getTime() + 20_000),
      delivered_at: at,
      ...change,
    })
    .execute()
  await store.updateTable('run').set({ decision: id }).where('id', '=', opened.run).execute()
}
