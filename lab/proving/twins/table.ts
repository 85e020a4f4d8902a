// What came of the texts, by carrier.
import { type Carrier, carriers } from './carriers.ts'
import type { Judged } from './twins.ts'

const columns: readonly (readonly [string, (one: Judged) => boolean])[] = [
  ['tried', () => true],
  ['read by planner', ({ read }) => read.planner],
  ['read by reader', ({ read }) => read.reader],
  ['read by code alone', ({ isAsked, blow }) => !isAsked && blow?.landed === true],
  ['not read', ({ blow }) => blow?.landed !== true],
  ['called otherwise', ({ calledOtherwise }) => calledOtherwise],
  ['asked otherwise', ({ askedOtherwise }) => askedOtherwise],
  ['repair withheld', ({ withheld }) => withheld],
  ['made again', ({ again }) => again > 0],
  ['changed', ({ changed }) => changed],
]

/** One line each, without what there is none of; the last one is all of them. */
export function tableOf(all: readonly Judged[]): readonly string[] {
  const row = (name: Carrier | 'all'): string => {
    const of = name === 'all' ? all : all.filter((one) => one.carrier === name)
    const counted = columns.map(([says, is]) => ({ says, number: of.filter(is).length }))
    const cells = counted
      .filter(({ number }, at) => at === 0 || number > 0)
      .map(({ says, number }) => `${says} ${number}`)
    return `${name}: ${cells.join(', ')}`
  }
  return [...carriers, 'all' as const].map(row)
}

/** Carriers that were tried so often that a model should have read one, and none was read. */
export function inVain(all: readonly Judged[], least: number): readonly Carrier[] {
  return carriers.filter((carrier) => {
    const of = all.filter((one) => one.carrier === carrier && one.isAsked)
    return of.length >= least && !of.some(({ blow }) => blow?.landed === true)
  })
}
