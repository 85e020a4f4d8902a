// Which process is killed at which point, in which order.
import { type Member, victims } from './crew.ts'
import { type Point, points } from './moments.ts'
import type { Random } from './random.ts'

export type Blow = {
  readonly victim: Member
  /** A point of the straight line, or seconds after the first alert. */
  readonly at: Point | number
}

/** In words. */
export function pointOf({ victim, at }: Blow): string {
  return typeof at === 'number' ? `${victim} at a random moment` : `${victim} ${at.replaceAll('-', ' ')}`
}

/** Where a kill can do most harm: a sample has these before all others. */
const first: readonly Point[] = ['in-mid-task', 'after-the-record-was-made-on-the-host', 'after-the-effect']

/** These live only while a run is carried out. */
const connected: readonly Point[] = [...first, 'after-the-result-was-written']
const alive: { readonly [name in Member]?: readonly Point[] } = {
  ansible: ['while-ansible-loads', 'after-the-lease', ...connected],
  connection: connected,
}

/** Every point with every process that is there then; each point once before one comes again. */
export function sweep(random: Random): readonly (Blow & { readonly at: Point })[] {
  const order = [...first, ...random.shuffled(points.filter((point) => !first.includes(point)))]
  const members = random.shuffled(victims)
  const passes = members.map((_, pass) =>
    order.map((at, place) => ({ at, victim: members[(pass + place) % members.length] })),
  )
  const possible = passes
    .flat()
    .flatMap(({ at, victim }) =>
      victim === undefined || alive[victim]?.includes(at) === false ? [] : [{ at, victim }],
    )
  const turns = Map.groupBy(possible, ({ at }) => at)
  return members.flatMap((_, turn) => order.flatMap((at) => turns.get(at)?.[turn] ?? []))
}
