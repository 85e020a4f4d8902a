// What a benchmark prints, and how many measurements become one figure.
import type { Benchmark } from '../../test/contract/output.ts'

/** Rounds before those that count. */
export const warmUps = Number(process.env['BENCH_WARM_UPS'] ?? 1)

/** One line of JSON on stdout; the ratio is made here so that all of them mean the same. */
export function print(result: Omit<Benchmark, 'ratio'>): void {
  process.stdout.write(`${JSON.stringify({ ...result, ratio: result.value / result.control })}\n`)
}

/** For whoever watches: what the figures are made of. */
export function note(text: string): void {
  process.stderr.write(`  ${text}\n`)
}

/** The value that `share` of all do not exceed. Throws without any value. */
export function quantile(values: readonly number[], share: number): number {
  const found = values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))]
  if (found === undefined) throw new Error('Nothing was measured.')
  return found
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** Milliseconds that it took. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await work()
  return performance.now() - from
}

/** Alternately, so that whatever else the machine does meets both alike; the first rounds only warm up. */
export async function alternately(
  rounds: number,
  ours: () => Promise<unknown>,
  control: () => Promise<unknown>,
): Promise<{ readonly ours: readonly number[]; readonly control: readonly number[] }> {
  const pairs: (readonly [number, number])[] = []
  for (let round = 0; round < warmUps + rounds; round += 1) pairs.push([await timed(ours), await timed(control)])
  const counted = pairs.slice(warmUps)
  return { ours: counted.map(([first]) => first), control: counted.map(([, second]) => second) }
}
