// One approved run, from its lease to its outcome, beside a bare `ansible-playbook` with the same play: what checking
// again, the certificate, the host's record and the judgement cost on top.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { createAskHost } from '../activities/ask-host.ts'
import { createDecideAgain } from '../activities/decide-again.ts'
import { createRunPlaybook, type RunPlaybookDeps } from '../activities/run-playbook.ts'
import { loadCatalogue } from '../catalogue/load.ts'
import type { InventoryHost } from '../domain/inventory.ts'
import yaml from '../integrations/inventories/yaml/index.ts'
import { breakHost } from '../lab/oracle.ts'
import { requireState } from '../lab/state.ts'
import { type Lab, startLab } from '../lab/up.ts'
import { loadPolicies } from '../policies/evaluate.ts'
import { loadProbes } from '../probes/load.ts'
import { launchSpawned } from '../runtime/ansible/launch-spawned.ts'
import { createWarmLauncher } from '../runtime/ansible/launch-warm.ts'
import { createCertificateDoor } from '../runtime/certificate-door.ts'
import { startPostgres } from '../runtime/embedded-postgres.ts'
import { newId } from '../runtime/ids.ts'
import { openReadConnections } from '../runtime/ssh.ts'
import { connectStore, type Store } from '../store/connect.ts'
import { migrateStore } from '../store/migrate.ts'
import { seedIncident, seedPlan } from '../test/support/seed.ts'
import { seedAsked } from '../test/support/seed-entry.ts'
import { barePlays } from './ansible/bare.ts'
import { median, note, print, timed, warmUps } from './measuring/result.ts'

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 6)
const unit = 'nginx.service'
const playbooksDir = join(import.meta.dirname, '..', 'playbooks')
const play = join(playbooksDir, 'service-restart', 'playbook.yml')

const folder = mkdtempSync('/tmp/millwright-bench-')
chmodSync(folder, 0o711)
const ends: (() => Promise<unknown> | void)[] = [() => rmSync(folder, { recursive: true, force: true })]
try {
  await bench()
} finally {
  for (const end of ends.toReversed()) await end()
}

async function bench(): Promise<void> {
  const postgres = await startPostgres({ dataDir: join(folder, 'data'), socketDir: join(folder, 'socket') })
  ends.push(postgres.stop)
  const store = connectStore(postgres.url)
  ends.push(() => store.destroy())
  await migrateStore(store)
  const lab = await startLab({ hosts: 1, monitoring: false, progress: note })
  ends.push(lab.stop)
  const [host] = await yaml.load({ file: lab.inventoryPath })
  if (host === undefined) throw new Error('The lab has no host.')
  const privateDir = join(folder, 'private')
  mkdirSync(privateDir, { mode: 0o700 })
  const warm = createWarmLauncher(privateDir)
  const bare = barePlays(lab)
  ends.push(warm.end, bare.end)
  const deps = await runDeps({ store, lab, host, privateDir })
  const broken = () => breakHost(requireState(lab.name), 'service-crashed', host.name)
  const times = { bare: [] as number[], warm: [] as number[], spawned: [] as number[] }
  for (let round = 0; round < warmUps + rounds; round += 1) {
    await broken()
    const control = await timed(() => bare.run(play, host.name, { unit }))
    await broken()
    const warmly = await timedRun({ ...deps, launch: warm.launch }, host)
    await broken()
    const spawned = await timedRun({ ...deps, launch: launchSpawned }, host)
    note(`bare ${Math.round(control)} ms, warm ${Math.round(warmly)} ms, spawned ${Math.round(spawned)} ms`)
    if (round < warmUps) continue
    times.bare.push(control)
    times.warm.push(warmly)
    times.spawned.push(spawned)
  }
  const control = median(times.bare)
  const against = 'a bare ansible-playbook with the same play over a fresh connection'
  print({ name: 'play, warm parent', value: median(times.warm), unit: 'ms', control, against })
  print({ name: 'play, spawned', value: median(times.spawned), unit: 'ms', control, against })
  print({ name: 'play overhead, warm parent', value: median(times.warm) - control, unit: 'ms', control, against })
  print({ name: 'play overhead, spawned', value: median(times.spawned) - control, unit: 'ms', control, against })
}

type Parts = {
  readonly store: Store
  readonly lab: Lab
  readonly host: InventoryHost
  readonly privateDir: string
}

async function runDeps({ store, lab, host, privateDir }: Parts): Promise<Omit<RunPlaybookDeps, 'launch'>> {
  const probes = await loadProbes()
  const ssh = openReadConnections({ privateKey: readFileSync(lab.readKeyPath, 'utf8') })
  ends.push(ssh.close)
  const now = (): Date => new Date()
  const measure = createAskHost({ probes, ssh, now })
  const catalogue = await loadCatalogue({
    dir: playbooksDir,
    modes: { 'service-restart': { lab: 'auto' } },
    probes: probes.byName,
  })
  const policies = loadPolicies()
  const config = { environments: {}, timeFactor: 60 }
  const authority = (): string => readFileSync(lab.authorityKeyPath, 'utf8')
  return {
    store,
    playbooksDir,
    inventory: () => ({ digest: 'bench', hosts: [host] }),
    decideAgain: createDecideAgain({ store, catalogue: () => catalogue, policies: () => policies, config, now }),
    measure,
    door: createCertificateDoor({ authority, sourceAddress: lab.sourceAddress, measure }),
    privateDir,
    log: pino({ level: 'silent' }),
    now,
    cancelled: () => new AbortController().signal,
  }
}

/** Milliseconds of one run that succeeded. Runs before it are made old, so that no cap counts them. */
async function timedRun(deps: RunPlaybookDeps, host: InventoryHost): Promise<number> {
  const longAgo = { created_at: new Date(0), started_at: new Date(0), ended_at: new Date(0) }
  await deps.store.updateTable('run').set(longAgo).execute()
  const run = await openRun(deps.store, host)
  const carryOut = createRunPlaybook(deps)
  const from = performance.now()
  const outcome = await carryOut({ run })
  const milliseconds = performance.now() - from
  if (outcome.kind !== 'succeeded') throw new Error(`The run ended as ${JSON.stringify(outcome)}.`)
  return milliseconds
}

async function openRun(store: Store, host: InventoryHost): Promise<string> {
  const incident = await seedIncident(store, { openedAt: new Date(), host: host.id })
  const { playbooks } = await loadCatalogue({ dir: playbooksDir, modes: {} })
  const found = playbooks.find(({ id }) => id === 'service-restart')
  const plan = await seedPlan(store, incident, {
    playbook: { id: 'service-restart', version: found?.version ?? '', digest: found?.digest ?? '' },
    hosts: [{ id: host.id, name: host.name, hostKeys: host.hostKeys }],
    params: { unit },
    tier: 1,
  })
  const run = newId('run')
  const row = { id: run, incident: incident.id, plan: plan.id, plan_digest: plan.digest, host: host.id }
  const owned = { team: 'default', environment: 'lab', playbook: plan.playbook.id, decision: null }
  const begun = { state: 'planned', created_at: new Date(), deadline: new Date(Date.now() + 60_000) } as const
  await store
    .insertInto('run')
    .values({ ...row, ...owned, ...begun })
    .execute()
  await seedAsked(store, incident.id, { run, plan: plan.id })
  return run
}
