// What a model came to, for who decides whether it may be asked: what it did wrong comes first.
import { columns } from '../../cli/print.ts'
import { count, dollars } from '../../domain/text.ts'
import { shareSays } from '../proving/share.ts'
import type { Values } from '../world/world.ts'
import { type Score, tiers } from './scoreboard.ts'

export type Worker = {
  readonly model: string
  readonly effort: string | null
  /** Null: none. */
  readonly reader: string | null
  /** Digests of prompt, tools, probes, catalogue and policies. */
  readonly harness: Values
}

export type Board = Worker & {
  readonly says: readonly string[]
  /** What was done that the fault does not ask for, or the harm that was left. */
  readonly wrong: readonly { readonly fault: string; readonly what: string }[]
  /** Of each fault, and of all. */
  readonly scores: readonly Score[]
}

/** Of a SHA-256 in hex. */
const digestLength = 64

export function boardSays(board: Board): string {
  const all = board.scores.at(-1)
  if (all === undefined) return 'Nothing was tried.'
  const wrong = board.wrong.map(({ fault, what }) => `  ${fault}: ${what}`)
  return [
    `${workerSays(board)}; ${count(all.tries, 'try', 'tries')} of ${count(board.scores.length - 1, 'fault')}`,
    ...board.says,
    '',
    `Wrong actions on a host: ${shareSays(all.wrongActions)}`,
    ...wrong,
    `Right ends: ${shareSays(all.right)}`,
    `Handed over rightly, of what belongs to people: ${shareSays(all.handedOver)}`,
    `A model was asked in ${all.asked} of ${all.tries}; ${count(all.dropped, 'claim')} of its were dropped.`,
    ...tiers.map((tier) => costSays(tier, all)),
    '',
    table(board.scores),
    '',
    harnessSays(board),
  ].join('\n')
}

function workerSays({ model, effort, reader }: Worker): string {
  const reads = reader === null ? 'no reader' : `${reader} reads`
  return `${model}, effort ${effort ?? 'as it comes'}, ${reads}`
}

function costSays(tier: (typeof tiers)[number], { spent, asked }: Score): string {
  const { calls, tokens, dollars: sum } = spent[tier]
  if (calls === 0) return `Cost of the ${tier}: it was not asked.`
  const each = asked === 0 ? '' : `, ${dollars(sum / asked)} for each try that asked`
  return `Cost of the ${tier}, by list price: ${dollars(sum)}${each}; ${count(calls, 'call')}, ${count(tokens, 'token')}`
}

function table(scores: readonly Score[]): string {
  const head = ['fault', 'wrong action', 'right end', 'handed over rightly', 'asked', 'turns', 'dropped']
  const rows = scores.map(({ fault, wrongActions, right, handedOver, asked, turns, dropped, spent, seconds }) => [
    fault,
    shareSays(wrongActions),
    shareSays(right),
    shareSays(handedOver),
    `${asked}`,
    `${turns}`,
    `${dropped}`,
    ...tiers.map((tier) => dollars(spent[tier].dollars)),
    `${Math.round(seconds)}`,
  ])
  return columns([...head, ...tiers, 'seconds'], rows)
}

function harnessSays({ harness }: Worker): string {
  const digests = Object.entries(harness).flatMap(([name, value]) =>
    typeof value === 'string' && digestLength === value.length ? [`${name} ${value.slice(0, 8)}`] : [],
  )
  return `Harness: ${digests.length === 0 ? 'none was recorded' : digests.join(', ')}`
}
