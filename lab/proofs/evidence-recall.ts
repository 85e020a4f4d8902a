// Whether what decides a fault stands in the evidence pack, before any model is asked. The pack is composed by the
// product's own functions out of what real hosts answer; faults and clues were written from what breaks, not from it.
import { readFileSync } from 'node:fs'
import { truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { createAskHost } from '../../activities/ask-host.ts'
import { baselineRequests } from '../../activities/baseline.ts'
import { packRoom } from '../../activities/begin-investigation.ts'
import { toolsOffered } from '../../activities/investigation/tools-offered.ts'
import { recognisedIn } from '../../activities/match-signatures.ts'
import { composePack } from '../../activities/pack/compose.ts'
import { labelled } from '../../activities/pack/evidence-text.ts'
import { systemPrompt } from '../../activities/pack/system-prompt.ts'
import { loadCatalogue } from '../../catalogue/load.ts'
import { distinctRequests } from '../../domain/evidence.ts'
import type { InventoryHost } from '../../domain/inventory.ts'
import { targetIndex } from '../../gateway/targets.ts'
import { requestsOf } from '../../domain/signature.ts'
import yaml from '../../integrations/inventories/yaml/index.ts'
import { loadProbes } from '../../probes/load.ts'
import { Config } from '../../runtime/config.ts'
import { digestOf } from '../../runtime/digest.ts'
import { forModel, newBoundary } from '../../runtime/for-model.ts'
import { openReadConnections } from '../../runtime/ssh.ts'
import { ownPlaybooks } from '../../workers/world.ts'
import { smallDiskPath } from '../disk.ts'
import type { Target } from '../fault.ts'
import { attemptInside } from '../inside.ts'
import { nginx } from '../nginx.ts'
import { faultNames, loadFault } from '../oracle.ts'
import { hostPaths } from '../paths.ts'
import { firstBlind, keptBack } from '../proving/blind/all.ts'
import { prove } from '../proving/proof.ts'
import { isRaised, isServed, labelsOf } from '../proving/recall/raised.ts'
import { shareOf, shareSays } from '../proving/share.ts'
import { type StrangeFault, strangeFaults } from '../proving/strange-faults.ts'
import type { Try } from '../proving/tally.ts'
import { requireHost, requireState } from '../state.ts'
import { startLab } from '../up.ts'

const maximumTokens = 4_000
/** Of hosts' text, and on the safe side: most tokenizers need more letters for one. */
const charactersPerToken = 3
const profile = Config.parse({}).profile
const hostName = 'web-01'

/** Blind: written without having seen what is asked and shown; kept back: blind, too, and asked last. */
const sets = ['blind', 'tuned', 'kept back'] as const
/** As a lab's config has them. */
const rules = [{ when: {}, host: 'instance', unit: 'name', mount: 'mountpoint' }]

type Case = Pick<StrangeFault, 'name' | 'alert' | 'unit' | 'break' | 'heal'> & {
  readonly set: (typeof sets)[number]
  readonly clue: RegExp
}

async function cases(): Promise<readonly Case[]> {
  const names = await faultNames()
  const known = await Promise.all(
    names.map(async (name) => {
      const fault = await loadFault(name)
      return { ...fault, name, unit: fault.mayChange.units[0] ?? nginx }
    }),
  )
  const all = [
    ...firstBlind.map((fault) => ({ ...fault, set: 'blind' as const })),
    // Strange ones first: they are what a model is asked about.
    ...[...strangeFaults, ...known].map((fault) => ({ ...fault, set: 'tuned' as const })),
    ...keptBack.map((fault) => ({ ...fault, set: 'kept back' as const })),
  ]
  return all.flatMap(({ clue, ...fault }) => (clue === null ? [] : [{ ...fault, clue }]))
}

type Looking = { readonly pack: (fault: Case) => Promise<string>; readonly end: () => void }

async function looking(readKey: string, host: InventoryHost): Promise<Looking> {
  const ssh = openReadConnections({ privateKey: readFileSync(readKey, 'utf8') })
  const probes = await loadProbes()
  const askHost = createAskHost({ probes, ssh, now: () => new Date() })
  const { playbooks } = await loadCatalogue({ dir: ownPlaybooks, modes: {} })
  const inUse = playbooks.map((one) => ({ ...one, modes: { '*': 'suggest' } as const }))
  const head = { system: systemPrompt, tools: toolsOffered({ probes, profile, hosts: [host] }) }
  const index = targetIndex({ digest: digestOf([host]), hosts: [host] })
  const pack = async (fault: Case): Promise<string> => {
    const labels = labelsOf(fault, host.name)
    const looked = { host, subjects: index.resolve(labels, rules, host.team).subjects }
    const requests = distinctRequests([...requestsOf(inUse, looked), ...baselineRequests(looked)])
    const evidence = await askHost(host, requests)
    const recognised = recognisedIn(inUse, { scope: looked, evidence })
    const { not, unseen = [] } = recognised.kind === 'none' ? recognised : { not: [] }
    const boundary = newBoundary()
    const now = new Date().toISOString()
    return composePack({
      alerts: [{ labels, annotations: {}, startsAt: now }],
      alertsLeft: 0,
      looked,
      evidence: labelled(1, host.id, evidence),
      not,
      unseen,
      similar: [],
      playbooks: inUse,
      tried: [],
      profile,
      readable: [host],
      turns: 6,
      reader: false,
      now,
      maximumBytes: packRoom(head),
      fence: (label, text) => forModel(text, { label, boundary, maximumCharacters: 100_000 }),
    })
  }
  return { pack, end: () => ssh.close() }
}

async function tryOne(fault: Case, target: Target, { pack }: Looking): Promise<Try> {
  try {
    await fault.break(target)
    // Somebody visits the page, as the lab's monitoring does.
    const broken = fault.set === 'tuned' ? isServed(target).then(() => true) : isRaised(fault, target)
    if (!(await broken)) return { says: fault.name, failure: 'Its alert does not fire: the host is not broken.' }
    const text = await pack(fault)
    const tokens = Math.ceil(text.length / charactersPerToken)
    const says = `${fault.set}, ${fault.name}: a pack of ${Buffer.byteLength(text)} bytes`
    if (tokens > maximumTokens) return { says, failure: `It has ${tokens} tokens.` }
    return { says, failure: fault.clue.test(text) ? null : `The pack does not hold ${String(fault.clue)}.\n${text}` }
  } finally {
    await fault.heal(target)
    // The next one begins without the words of this one.
    await settled(target)
  }
}

/** Journals and logs of the fault before are no evidence of the next. */
async function settled({ host, root }: Target): Promise<void> {
  await attemptInside(host, ['journalctl', '--quiet', '--rotate', '--vacuum-time=1s'])
  await truncate(join(root, smallDiskPath, 'error.log')).catch(() => undefined)
}

function heldOf(tried: readonly { readonly held: boolean }[]): string {
  return shareSays(shareOf(tried.filter(({ held }) => held).length, tried.length))
}

await prove({
  name: 'evidence-recall',
  what: `with no model, what decides each fault of the lab stands in its evidence pack of ${maximumTokens} tokens at most`,
  begin: async ({ say }) => {
    const all = await cases()
    const lab = await startLab({ hosts: 1, monitoring: false, progress: say })
    const state = requireState(lab.name)
    const host = requireHost(state, hostName)
    const target = { state, host, root: hostPaths(lab.name, hostName).root }
    const [declared] = await yaml.load({ file: lab.inventoryPath })
    if (declared === undefined) throw new Error('the lab has no host')
    const looks = await looking(lab.readKeyPath, declared)
    const tried: { readonly set: Case['set']; readonly held: boolean }[] = []
    return {
      round: async ({ round }) => {
        const fault = all[round % all.length]
        if (fault === undefined) return []
        const one = await tryOne(fault, target, looks)
        tried.push({ set: fault.set, held: one.failure === null })
        return [one]
      },
      tells: () => sets.map((set) => `${set}: ${heldOf(tried.filter((one) => one.set === set))}`),
      end: async () => {
        looks.end()
        await lab.stop()
      },
    }
  },
})
