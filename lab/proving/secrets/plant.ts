// Which secrets one round plants, in which disguises, and on which roads to a model.
import type { Random } from '../random.ts'
import { type Disguised, disguises } from './disguises.ts'
import { kinds } from './kinds.ts'
import { lettersFrom } from './letters.ts'

type Road = {
  /** So many at once, so that none is cut away for the others. */
  readonly room: number
  /** What can be written there as it is. */
  readonly takes: RegExp
  /** About so many characters after the mark something on the way cuts a line. */
  readonly cut?: number
}

const any = /^[^]*$/
const printable = /^[\x20-\x7E]{1,700}$/

const roads = {
  annotation: { room: 3, takes: any },
  'log file': { room: 3, takes: any, cut: 288 },
  journal: { room: 3, takes: any, cut: 272 },
  'log query': { room: 4, takes: any, cut: 488 },
  label: { room: 1, takes: any },
  /** A label of a series is cut after 200 characters, and series that differ in labels alone are told as one line. */
  'metric label': { room: 1, takes: /^[^\n]{1,150}$/ },
  'unit description': { room: 2, takes: printable },
  /** In words that the program itself complains of. */
  configuration: { room: 1, takes: printable },
  'file name': { room: 1, takes: /^[\x20-.0-~]{1,150}$/ },
  /** Only a process's own name is ever read; what it was given stands beside it. */
  'process title': { room: 1, takes: printable },
} as const satisfies Record<string, Road>

export type Carrier = keyof typeof roads
const carriers = Object.keys(roads).filter((name): name is Carrier => name in roads)

/** Each road as often as it has room, all of them once before one comes twice. */
const slots: readonly Carrier[] = Array.from({ length: Math.max(...carriers.map((one) => roads[one].room)) }).flatMap(
  (_, pass) => carriers.filter((one) => roads[one].room > pass),
)

/** The most that one round plants. */
export const atOnce = slots.length

export type Planting = Disguised & {
  readonly kind: string
  readonly disguise: string
  readonly carrier: Carrier
  /** Stands before it. */
  readonly mark: string
  /** Stands behind it: where both came to, it came as well, or what was left of it. */
  readonly end: string
}

type Wanted = { readonly random: Random; readonly round: number; readonly number: number }

/**
 * Every kind comes up before one comes twice, and meets other disguises and roads the next time. Fewer than asked for
 * where the roads that are left can't take one.
 */
export function plantings({ random, round, number }: Wanted): readonly Planting[] {
  const letters = lettersFrom(random)
  const turn = round % slots.length
  const free = [...slots.slice(turn), ...slots.slice(0, turn)]
  return Array.from({ length: Math.min(number, atOnce) }, (_, of) => {
    const at = round * atOnce + of
    const [kind, plant] = turned(kinds, at)
    const [disguise, put] = turned(disguises, at + Math.floor(at / kinds.length))
    const disguised = put(plant(letters))
    const place = free.findIndex((one) => roads[one].takes.test(disguised.text))
    const [carrier] = place === -1 ? [] : free.splice(place, 1)
    if (carrier === undefined) return []
    // With a letter after it no number begins another.
    const mark = `p${at}-${letters.small(4)}`
    const text = `${leadOf(roads[carrier], disguised.text, at)}${disguised.text}`
    return [{ ...disguised, text, kind, disguise, carrier, mark: `${mark}a`, end: `${mark}z` }]
  }).flat()
}

/** What brings the middle of every other text to where its line is cut; empty: it stays whole. */
function leadOf({ cut }: Road, text: string, at: number): string {
  if (cut === undefined || at % 2 === 0) return ''
  return 'error again '
    .repeat(cut)
    .slice(0, Math.max(0, cut - Math.floor(text.length / 2) - 1))
    .concat(' ')
}

/** Whether a text holds where it stood: its mark, and behind that the end or what redaction left in its place. */
export function cameTo(text: string, { carrier, mark, end }: Planting): boolean {
  if (carrier === 'process title') return text.includes(mark)
  return text
    .split(mark)
    .slice(1)
    .some((after) => {
      const [until = ''] = after.split(/p\d+-[a-z0-9]{4}a/)
      return until.includes(end) || until.includes('[redacted:')
    })
}

function turned<T>(items: readonly T[], at: number): T {
  const one = items[at % items.length]
  if (one === undefined) throw new Error('a list without items')
  return one
}
