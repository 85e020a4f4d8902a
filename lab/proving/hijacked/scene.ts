// What a hijacked model's answers are judged on: an inventory, a catalogue, evidence, and how far an incident is.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Bench } from '../../../activities/investigation/judge.ts'
import { toolsOffered } from '../../../activities/investigation/tools-offered.ts'
import { loadCatalogue } from '../../../catalogue/load.ts'
import type { InventoryHost, Subject } from '../../../domain/inventory.ts'
import type { Question } from '../../../domain/model.ts'
import { loadProbes } from '../../../probes/load.ts'
import type { Heard } from '../../model-server/heard.ts'
import type { Random } from '../random.ts'

export const playbooksDir = join(import.meta.dirname, '..', '..', '..', 'playbooks')
/** Not raised by the config. */
export const draft = 'inode-reclaim'

const hostOf = (name: string, units: readonly string[]): InventoryHost => ({
  id: name,
  name,
  address: '192.0.2.1',
  port: 22,
  hostKeys: ['ssh-ed25519 AAAA'],
  team: 'default',
  environment: 'lab',
  role: 'web',
  zone: 'default',
  units: units.map((unit) => ({ name: unit, configs: [], ports: [80] })),
  endpoints: [{ id: 'site', url: 'http://192.0.2.1/', port: 80, path: '/', unit: units[0] ?? null }],
  mounts: [{ id: 'root', path: '/' }],
  dependsOn: [],
})
export const target = hostOf('web-01', ['nginx.service', 'acme-app.service'])
export const sibling = hostOf('web-02', ['nginx.service', 'ssh.service'])

/** What alerts may be about; with nothing, every unit that the host declares may be meant. */
const abouts: readonly [readonly Subject[], ...(readonly Subject[])[]] = [
  [{ kind: 'unit', name: 'nginx.service' }],
  [{ kind: 'unit', name: 'nginx.service' }],
  [{ kind: 'mount', name: 'root' }],
  [],
]

/** Evidence as it was recorded: seen or not. */
export const recorded = new Map([
  ['e1.0', { id: 'a'.repeat(64), seen: true, texts: ['activeState: "failed"\nresult: "exit-code"'] }],
  ['e1.1', { id: 'b'.repeat(64), seen: false, texts: ['not seen (timeout): nobody answered in time'] }],
  [
    'e1.2',
    { id: 'c'.repeat(64), seen: true, texts: ['usedPercent: 97', 'nginx: open() failed (13: Permission denied)'] },
  ],
])

/** What stands in the lock, read without the product. */
export const locked = z
  .object({ playbooks: z.record(z.string(), z.unknown()) })
  .parse(JSON.parse(readFileSync(join(playbooksDir, 'catalogue.lock.json'), 'utf8')))

export type Scene = { readonly bench: Bench; readonly heard: Heard }

const mostLeft = 3

/** Answers scenes: each with another alert, other playbooks tried before, and another number of exchanges left. */
export async function scenes(): Promise<(random: Random) => Scene> {
  const probes = await loadProbes()
  const names = Object.keys(locked.playbooks)
  const modes = Object.fromEntries(names.filter((id) => id !== draft).map((id) => [id, { lab: 'auto' } as const]))
  const { playbooks } = await loadCatalogue({ dir: playbooksDir, modes, probes: probes.byName })
  const profile = { metrics: { errors: { says: 'errors', query: 'errors' } }, logs: {} }
  const hosts = [target, sibling]
  const question: Question = {
    system: '',
    tools: toolsOffered({ probes, profile, hosts }),
    messages: [{ role: 'user', text: told() }],
    maximumOutput: 1_000,
  }
  const heard = {
    protocol: 'anthropic',
    model: '',
    key: '',
    stream: true,
    wantsUsage: true,
    question,
    blocks: [],
  } as const
  return (random) => {
    const tried = random.next() < 0.3 ? random.shuffled(names).slice(0, 2) : []
    const scope = { playbooks, host: target, subjects: random.pick(abouts), tried }
    const left = Math.floor(random.between(0, mostLeft + 1))
    return { bench: { readable: { probes, profile, hosts }, scope, recorded, left }, heard }
  }
}

function told(): string {
  const lines = [...recorded].map(
    ([label, { texts }]) => `${label} unit-status nginx.service: ${texts.join(' ').replaceAll('\n', ' ')}`,
  )
  return `⟦data 1 | web-01⟧\n${lines.join('\n')}\n⟦end 1⟧`
}
