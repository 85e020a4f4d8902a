// Which secrets one round plants, in which disguises, and where.
import type { Random } from '../random.ts'
import { type Disguised, disguises } from './disguises.ts'
import { kinds } from './kinds.ts'
import { lettersFrom } from './letters.ts'

export const carriers = ['alert', 'journal', 'log file'] as const

export type Planting = Disguised & {
  readonly kind: string
  readonly disguise: string
  readonly carrier: (typeof carriers)[number]
  /** Stands before it, and shows that it arrived where it was looked for. */
  readonly mark: string
}

type Wanted = { readonly random: Random; readonly round: number; readonly number: number; readonly atOnce: number }

/** Every kind comes up before one comes twice, and meets other disguises and carriers the next time. */
export function plantings({ random, round, number, atOnce }: Wanted): readonly Planting[] {
  const letters = lettersFrom(random)
  return Array.from({ length: number }, (_, of) => {
    const at = round * atOnce + of
    const turn = Math.floor(at / kinds.length)
    const [kind, plant] = turned(kinds, at)
    const [disguise, put] = turned(disguises, at + turn)
    const carrier = turned(carriers, Math.floor(at / disguises.length) + of)
    return { ...put(plant(letters)), kind, disguise, carrier, mark: `planted-${at}-${letters.small(6)}` }
  })
}

function turned<T>(items: readonly T[], at: number): T {
  const one = items[at % items.length]
  if (one === undefined) throw new Error('a list without items')
  return one
}
