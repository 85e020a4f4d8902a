// A host that can be looked at without being one: the real program with the real probes' definitions, and readers that
// answer what a test lays down.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import { createAskHost, type AskHost } from '../../activities/ask-host.ts'
import type { Facts } from '../../domain/evidence.ts'
import type { RuleAnswer, RuleState } from '../../domain/run.ts'
import type { InventoryHost } from '../../domain/inventory.ts'
import { loadProbes, type Probes } from '../../probes/load.ts'
import { install } from '../probes/installed.ts'

const probesFolder = join(import.meta.dirname, '../../probes')

export const web: InventoryHost = {
  id: 'web-01',
  name: 'web-01',
  address: '127.0.0.1',
  port: 22,
  hostKeys: ['ssh-ed25519 AAAA'],
  team: 'default',
  environment: 'lab',
  role: 'web',
  zone: 'default',
  units: [{ name: 'nginx.service', configs: ['nginx'], ports: [80] }],
  endpoints: [{ id: 'home', url: 'http://web-01/', port: 80, path: '/', unit: 'nginx.service' }],
  mounts: [{ id: 'nginx-logs', path: '/var/log/nginx' }],
  dependsOn: [],
}

const running = {
  loadState: 'loaded',
  activeState: 'active',
  subState: 'running',
  result: 'success',
  mainPid: 45,
  execMainStatus: 0,
  execMainCode: null,
  nRestarts: 0,
  restart: 'no',
  activeSince: 1,
  inactiveSince: null,
  startLimitHit: false,
  memoryCurrent: null,
  memoryMax: null,
  oomKills: null,
  unitFileState: 'enabled',
}
const listening = {
  expected: [80],
  listening: [80],
  missing: [],
  allListening: true,
  holders: ['80 nginx.service'],
  heldByOthers: [],
  undeclared: [],
  loopbackOnly: [],
  taken: false,
}

/** What is answered when all is well, and when the unit has crashed. */
export const well = {
  'unit-status': running,
  listeners: listening,
  'http-probe': { ok: true, status: 200, milliseconds: 3, error: null },
  'failed-units': { units: [], count: 0, why: [] },
} satisfies Readonly<Record<string, Facts>>
export const crashed = {
  'unit-status': { ...running, activeState: 'failed', subState: 'failed', result: 'signal', mainPid: 0 },
  listeners: { ...listening, listening: [], missing: [80], allListening: false, holders: [] },
  'http-probe': { ok: false, status: null, milliseconds: 1, error: 'refused' },
  'failed-units': { units: ['nginx.service'], count: 1, why: [] },
} satisfies Readonly<Record<string, Facts>>

const reader = (state: string): string => `
import json
def read(params, host):
    answers = json.load(open(${JSON.stringify(state)}))
    return answers[NAME], answers.get('excerpt', '')
`

export type Looking = {
  readonly probes: Probes
  readonly askHost: AskHost
  /** How often the host was asked. */
  readonly exchanges: () => number
  /** Waits until a look has begun and ended from now on: the one after it has begun, too. */
  readonly looked: () => Promise<void>
  /** From now on the host answers this; a probe that is not named breaks. */
  readonly lay: (facts: Readonly<Record<string, Facts>>, excerpt?: string) => void
  /** What an exchange throws from now on; null: nothing. */
  readonly fail: (error: Error | null) => void
  readonly end: () => void
}

export async function looking(): Promise<Looking> {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-looking-'))
  const state = join(folder, 'state.json')
  for (const name of readdirSync(probesFolder)) {
    if (name.endsWith('.ts')) cpSync(join(probesFolder, name), join(folder, name))
    else copyProbe(folder, name, state)
  }
  symlinkSync(join(probesFolder, '../node_modules'), join(folder, 'node_modules'))
  const { units, endpoints, mounts } = web
  const host = await install({ units, endpoints, mounts, logRoots: [] }, folder)
  const probes = await loadProbes(folder)
  let exchanges = 0
  let error: Error | null = null
  const exchange = async (_: unknown, request: string): Promise<string> => {
    exchanges += 1
    if (error !== null) throw error
    const [happened] = await host.ask([{ request }])
    return happened?.output ?? ''
  }
  return {
    probes,
    askHost: createAskHost({ probes, ssh: { exchange }, now: () => new Date() }),
    exchanges: () => exchanges,
    looked: () => {
      const before = exchanges
      return vi.waitFor(() => expect(exchanges).toBeGreaterThan(before + 1), { timeout: 60_000 })
    },
    lay: (facts, excerpt = '') => writeFileSync(state, JSON.stringify({ ...facts, excerpt })),
    fail: (next) => void (error = next),
    end: () => {
      host.remove()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function copyProbe(folder: string, name: string, state: string): void {
  mkdirSync(join(folder, name))
  cpSync(join(probesFolder, name, 'index.ts'), join(folder, name, 'index.ts'))
  writeFileSync(join(folder, name, 'reader.py'), reader(state).replace('NAME', JSON.stringify(name)))
}

/** What a rule that looks at a moment says. */
export function atOnce(state: RuleState): RuleAnswer {
  return { state, windowSeconds: 0 }
}
