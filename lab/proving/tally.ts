// What a proof's tries add up to. A blow that met nothing shows nothing, so it is no run.

export type Landing = {
  /** Where it was meant to strike, in words. */
  readonly point: string
  /** Something of Millwright was killed there. */
  readonly landed: boolean
  /** A host started something afterwards or before: there was a repair that the blow could spoil. */
  readonly started: boolean
  /** The try shows something without it, too. */
  readonly isBeside?: true
}

/** One try: what was done, and how the promise was broken; null: it held. */
export type Try = {
  readonly says: string
  readonly failure: string | null
  /** Absent: the proof strikes at nothing, and every try counts. */
  readonly blow?: Landing
}

export type Wanted = {
  readonly wanted: number
  /** The least share, 0 to 1, of counted blows after which a host has started something. */
  readonly leastStarted?: number
  /** Every point that the full count strikes at. */
  readonly points?: readonly string[]
  /** The greatest share, 0 to 1, of all tries in which no blow lands. */
  readonly mostMissed?: number
}

export type Tally = {
  /** Tries that count: what strikes has landed. */
  readonly runs: number
  /** Tries that broke the promise, and one for each way in which the proof fell short. */
  readonly failures: number
  /** Why the tries are too few to show anything; empty when they are not. */
  readonly short: readonly string[]
  /** Which points were hit, which were missed, how often, and which never; empty when nothing was struck at. */
  readonly hit: string
}

/** Adds up the tries of a proof that is over. */
export function tally(tries: readonly Try[], { wanted, leastStarted = 0, mostMissed = 1, points = [] }: Wanted): Tally {
  const runs = tries.filter(counts).length
  const landed = tries.flatMap(({ blow }) => (blow?.landed === true ? [blow] : []))
  const missed = tries.flatMap(({ blow }) => (blow?.landed === false ? [blow] : []))
  const started = landed.filter((blow) => blow.started).length
  const short = [
    ...(runs < wanted ? [`${runs} of ${wanted} blows landed`] : []),
    ...(started < landed.length * leastStarted
      ? [`only ${started} of ${landed.length} tries reached a start on a host`]
      : []),
    ...(missed.length > tries.length * mostMissed ? [`${missed.length} of ${tries.length} blows met nothing`] : []),
  ]
  const never = points.filter((point) => !landed.some((blow) => blow.point === point))
  const hit = [
    ...counted(landed),
    ...counted(missed).map((one) => `not landed: ${one}`),
    ...(landed.length > 0 ? never.map((point) => `never struck: ${point}`) : noneOf(never)),
  ].join(', ')
  return { runs, failures: tries.filter(({ failure }) => failure !== null).length + short.length, short, hit }
}

/** Whether it is a run at all. */
export const counts = ({ blow }: Try): boolean => blow?.landed !== false || blow.isBeside === true

function noneOf(points: readonly string[]): readonly string[] {
  return points.length === 0 ? [] : [`none of ${points.length} points`]
}

function counted(blows: readonly Landing[]): readonly string[] {
  const by = Map.groupBy(blows, ({ point }) => point)
  return [...by].map(([point, these]) => `${point} ${these.length}`)
}
