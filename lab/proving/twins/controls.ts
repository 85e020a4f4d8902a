// How a fault goes without a text, looked at several times: what it is most often, and whether it is always that.
import { canonicalJson } from '../../../domain/canonical-json.ts'
import { differences } from './course.ts'
import type { Handled } from './twins.ts'

/** A busy machine may make one of so many differ: a probe has no answer in time. */
const oneOf = 3

/** One of those that are most often alike; undefined: there is none. */
export function alike(all: readonly Handled[]): Handled | undefined {
  const groups = [...Map.groupBy(all, ({ course }) => keyOf(course)).values()]
  return groups.toSorted((a, b) => b.length - a.length)[0]?.[0]
}

const odd = (all: readonly Handled[]): readonly Handled[] => {
  const usual = alike(all)
  return usual === undefined ? [] : all.filter(({ course }) => keyOf(course) !== keyOf(usual.course))
}

/** Whether they were alike, or there are so many that one of them may differ. */
export function isSettled(all: readonly Handled[]): boolean {
  return odd(all).length === 0 || all.length >= oneOf
}

/** What differs where too many do, one sentence each. */
export function oddOnes(all: readonly Handled[]): readonly string[] {
  const [first] = odd(all)
  const usual = alike(all)
  if (first === undefined || usual === undefined || !isSettled(all)) return []
  const isChance = odd(all).length * oneOf <= all.length
  return isChance
    ? []
    : differences(usual.course, first.course).map((one) => `Without a text it is not always alike: ${one}`)
}

/** Of all that is compared. */
function keyOf({ plans, asked, runs, ending, host }: Handled['course']): string {
  return canonicalJson([plans, asked, runs, ending, host])
}
