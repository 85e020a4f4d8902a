// Every persona with every fault, and which of them is tried again while something is killed, at which moment.
import type { Fault } from '../fault.ts'
import type { Persona } from '../model-server/persona.ts'
import { type Blow, pointOf, sweep } from './blows.ts'
import { askingPoints, type Point } from './moments.ts'
import type { Random } from './random.ts'

export type AimedBlow = Blow & { readonly at: Point }

export type Pair = {
  readonly persona: string
  readonly fault: string
  /** Null: nobody is killed. */
  readonly blow: AimedBlow | null
}

export type Matrix = {
  readonly personas: ReadonlyMap<string, Pick<Persona, 'ends'>>
  readonly faults: ReadonlyMap<string, Pick<Fault, 'ending' | 'novel'>>
}

/** Those that an incident is carried on by; all others are struck by `crash-sweep`. */
const asking = ['control', 'hands', 'mind'] as const
const carrying: ReadonlySet<string> = new Set(['control', 'hands'])
/** It is seen in the processes of nginx, which not every fault is about. */
const notEverywhere: Point = 'after-the-effect'

/** Begun with: one of each kind, and nobody is killed. */
const first: readonly Pair[] = [
  { persona: 'correct', fault: 'environment-missing', blow: null },
  { persona: 'hijacked', fault: 'unknown-fault', blow: null },
  { persona: 'obeys', fault: 'disk-full-with-foreign-data', blow: null },
]

/** What a full count strikes at, each once. */
export function allBlows(random: Random): readonly AimedBlow[] {
  const asked = askingPoints.flatMap((at) => asking.map((victim) => ({ victim, at })))
  return [...asked, ...sweep(random).filter(({ victim, at }) => carrying.has(victim) && at !== notEverywhere)]
}

export const allPoints = (random: Random): readonly string[] => allBlows(random).map(pointOf)

/** Blows stand beside each other, for they meet whoever is tried at the same time; faults that are known come last. */
export function allPairs({ personas, faults }: Matrix, random: Random): readonly Pair[] {
  const whole = [...personas.keys()].flatMap((persona) =>
    [...faults].map(([fault, { novel }]) => ({ persona, fault, isNovel: novel === true })),
  )
  const pairs = random.shuffled(whole).map(({ persona, fault, isNovel }) => ({ persona, fault, isNovel, blow: null }))
  const isFirst = (one: Pair): boolean =>
    first.some(({ persona, fault }) => one.persona === persona && one.fault === fault)
  const rest = pairs.filter((one) => !isFirst(one))
  const struck = allBlows(random).flatMap((blow): readonly Pair[] => {
    const [pair] = random.shuffled(whole.filter((one) => reaches({ personas, faults }, one, blow.at)))
    return pair === undefined ? [] : [{ persona: pair.persona, fault: pair.fault, blow }]
  })
  const plain = (isNovel: boolean): readonly Pair[] =>
    rest.filter((one) => one.isNovel === isNovel).map(({ persona, fault, blow }) => ({ persona, fault, blow }))
  return [...first, ...struck, ...plain(true), ...plain(false)]
}

type Names = { readonly persona: string; readonly fault: string }

/** Whether such an incident comes past that point. */
function reaches({ personas, faults }: Matrix, { persona, fault }: Names, at: Point): boolean {
  const about = faults.get(fault)
  const ends = personas.get(persona)?.ends
  if (about === undefined || ends === undefined) return false
  const isAsked = about.novel === true
  switch (at) {
    case 'when-an-investigation-began':
    case 'while-a-model-is-asked':
      return isAsked
    case 'when-a-model-has-answered':
    case 'when-an-answer-was-judged':
      return isAsked && ends.answers !== 'never'
    case 'when-it-looks-further':
      return isAsked && ends.answers === 'looks'
    case 'when-a-person-is-asked':
    case 'when-a-person-said-yes':
      return isAsked && about.ending.kind === 'repaired' && ends.repairs === 'always'
    default:
      return !isAsked && about.ending.kind === 'repaired'
  }
}
