// Whether what decides a fault is shown in the first exchange, before any model is asked: what planner and reader are
// sent is composed by the product out of what real hosts answer; faults and clues were written from what breaks.
import { readFileSync } from 'node:fs'
import { truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { createAskHost } from '../../activities/ask-host.ts'
import { baselineRequests } from '../../activities/baseline.ts'
import { toolsOffered } from '../../activities/investigation/tools-offered.ts'
import { firstMessage } from '../../activities/pack/first-message.ts'
import { systemPrompt } from '../../activities/pack/system-prompt.ts'
import { withFacts } from '../../activities/reader/facts.ts'
import { readerQuestion } from '../../activities/reader/question.ts'
import { loadCatalogue } from '../../catalogue/load.ts'
import { distinctRequests } from '../../domain/evidence.ts'
import type { InventoryHost } from '../../domain/inventory.ts'
import { targetIndex } from '../../gateway/targets.ts'
import { requestsOf } from '../../domain/signature.ts'
import yaml from '../../integrations/inventories/yaml/index.ts'
import { loadProbes } from '../../probes/load.ts'
import { Config } from '../../runtime/config.ts'
import { digestOf } from '../../runtime/digest.ts'
import { openReadConnections } from '../../runtime/ssh.ts'
import { ownPlaybooks } from '../../workers/world.ts'
import { smallDiskPath } from '../disk.ts'
import type { Target } from '../fault.ts'
import { attemptInside } from '../inside.ts'
import { nginx } from '../nginx.ts'
import { faultNames, loadFault } from '../oracle.ts'
import { hostPaths } from '../paths.ts'
import { firstBlind, keptBack } from '../proving/blind/all.ts'
import { secondBlind } from '../proving/blind-second/all.ts'
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
const { profile, budgets } = Config.parse({})
const hostName = 'web-01'

/**
 * Blind: written without having seen what is asked and shown; kept back: blind, too, and asked last; second blind: by
 * somebody else, after all that the first showed had been mended.
 */
const sets = ['blind', 'tuned', 'kept back', 'second blind'] as const
/** As a lab's config has them. */
const rules = [{ when: {}, host: 'instance', unit: 'name', mount: 'mountpoint' }]

type Case = Pick<StrangeFault, 'name' | 'alert' | 'unit' | 'break' | 'heal'> & {
  readonly set: (typeof sets)[number]
  readonly clue: RegExp
}

/** `alone`: it is shown, too, where no reader is configured. */
type Tried = Try & { readonly set: Case['set']; readonly alone: boolean }

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
    ...secondBlind.map((fault) => ({ ...fault, set: 'second blind' as const })),
  ]
  return all.flatMap(({ clue, ...fault }) => (clue === null ? [] : [{ ...fault, clue }]))
}

/** What the first exchange sends, to whom: the clue counts wherever somebody is shown it. */
type Sent = { readonly planner: string; readonly reader: string }
type Looking = {
  /** With a reader before the planner, and without one. */
  readonly sent: (fault: Case) => Promise<{ readonly read: Sent; readonly alone: Sent }>
  readonly end: () => void
}

async function looking(readKey: string, host: InventoryHost): Promise<Looking> {
  const ssh = openReadConnections({ privateKey: readFileSync(readKey, 'utf8') })
  const probes = await loadProbes()
  const askHost = createAskHost({ probes, ssh, now: () => new Date() })
  const { playbooks } = await loadCatalogue({ dir: ownPlaybooks, modes: {} })
  const inUse = playbooks.map((one) => ({ ...one, modes: { '*': 'suggest' } as const }))
  const head = { system: systemPrompt, tools: toolsOffered({ probes, profile, hosts: [host] }) }
  const index = targetIndex({ digest: digestOf([host]), hosts: [host] })
  const sent: Looking['sent'] = async (fault) => {
    const labels = labelsOf(fault, host.name)
    const scope = { host, subjects: index.resolve(labels, rules, host.team).subjects }
    const requests = distinctRequests([...requestsOf(inUse, scope), ...baselineRequests(scope)])
    const evidence = await askHost(host, requests)
    const now = new Date().toISOString()
    const input = {
      alerts: [{ labels, annotations: {}, startsAt: now }],
      alertsLeft: 0,
      scope,
      round: 1,
      evidence,
      similar: [],
      playbooks: inUse,
      tried: [],
      profile,
      readable: [host],
      turns: budgets.turns,
      now,
      head,
    }
    return {
      read: sentOf(firstMessage({ ...input, reader: true })),
      alone: sentOf(firstMessage({ ...input, reader: false })),
    }
  }
  return { sent, end: () => ssh.close() }
}

/** A reader is sent what waits for it; the planner the rest, and facts that no reader has found here. */
function sentOf(text: string): Sent {
  const message = { role: 'user', text } as const
  const reader = readerQuestion(message)?.messages.map((one) => ('text' in one ? one.text : '')) ?? []
  const planned = withFacts(message, null)
  return { planner: 'text' in planned ? planned.text : '', reader: reader.join('\n') }
}

async function tryOne(fault: Case, target: Target, { sent }: Looking): Promise<Tried> {
  try {
    await fault.break(target)
    // Somebody visits the page, as the lab's monitoring does.
    const broken = fault.set === 'tuned' ? isServed(target).then(() => true) : isRaised(fault, target)
    if (!(await broken)) {
      const failure = 'Its alert does not fire: the host is not broken.'
      return { says: fault.name, failure, set: fault.set, alone: false }
    }
    const { read, alone } = await sent(fault)
    const says = `${fault.set}, ${fault.name}: ${Buffer.byteLength(read.planner)} bytes to the planner`
    return { says, set: fault.set, failure: failureOf(fault, read), alone: failureOf(fault, alone) === null }
  } finally {
    await fault.heal(target)
    // The next one begins without the words of this one.
    await settled(target)
  }
}

function failureOf({ clue }: Case, { planner, reader }: Sent): string | null {
  const tokens = Math.ceil(planner.length / charactersPerToken)
  if (tokens > maximumTokens) return `The planner is sent ${tokens} tokens.`
  if (clue.test(planner) || clue.test(reader)) return null
  return `Neither the planner nor the reader is sent ${String(clue)}.\n${planner}\n\nThe reader:\n${reader}`
}

/** Journals and logs of the fault before are no evidence of the next. */
async function settled({ host, root }: Target): Promise<void> {
  await attemptInside(host, ['journalctl', '--quiet', '--rotate', '--vacuum-time=1s'])
  await truncate(join(root, smallDiskPath, 'error.log')).catch(() => undefined)
}

function heldOf(tried: readonly Tried[]): string {
  const says = (held: readonly Tried[]): string => shareSays(shareOf(held.length, tried.length))
  const read = says(tried.filter(({ failure }) => failure === null))
  return `${read} with a reader, ${says(tried.filter(({ alone }) => alone))} without one`
}

await prove({
  name: 'evidence-recall',
  what: `with no model, what decides each fault is sent in the first exchange, ${maximumTokens} tokens at most`,
  begin: async ({ say }) => {
    const all = await cases()
    const lab = await startLab({ hosts: 1, monitoring: false, progress: say })
    const state = requireState(lab.name)
    const host = requireHost(state, hostName)
    const target = { state, host, root: hostPaths(lab.name, hostName).root }
    const [declared] = await yaml.load({ file: lab.inventoryPath })
    if (declared === undefined) throw new Error('the lab has no host')
    const looks = await looking(lab.readKeyPath, declared)
    const tried: Tried[] = []
    return {
      round: async ({ round }) => {
        const fault = all[round % all.length]
        if (fault === undefined) return []
        const one = await tryOne(fault, target, looks)
        tried.push(one)
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
