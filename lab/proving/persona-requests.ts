// What the model server heard, against what the ledger says that it was asked.
import type { Recorded } from '../model-server/record.ts'
import type { Field } from './field.ts'
import { attemptsOf, type Ledger } from './persona-ledger.ts'

/** Those of all who were asked after so many. */
export function heardSince({ model }: Pick<Field, 'model'>, from: number): readonly Recorded[] {
  return model?.requests().filter(({ number }) => number > from) ?? []
}

/** A question that was answered comes again only where whoever asked it was killed meanwhile. */
export function againProblem(heard: readonly Recorded[], lostCalls: number): string | null {
  const answered = heard.filter(({ status }) => status === 200).map(({ body }) => body)
  const again = answered.length - new Set(answered).size
  return again > lostCalls ? `${again} answered questions were asked again.` : null
}

export type Heard = { readonly field: Pick<Field, 'model'>; readonly from: number; readonly isStruck: boolean }

/** Of all incidents of a round: each request stands in one of their ledgers. */
export function heardProblem({ field, from, isStruck }: Heard, ledgers: readonly Ledger[]): string | null {
  const unstable = field.model?.prefixProblems() ?? []
  if (unstable.length > 0) return unstable.join(' ')
  const heard = heardSince(field, from).length
  const tiers = ['planner', 'reader'] as const
  const asked = ledgers.flatMap(({ calls }) => tiers.map((tier) => attemptsOf(calls, tier)))
  const known = asked.reduce((sum, one) => sum + one, 0)
  // Who was killed may have written down what it then never sent.
  const isRight = isStruck ? heard <= known : heard === known
  return isRight ? null : `The model server heard ${heard} requests, and the ledgers name ${known}.`
}
