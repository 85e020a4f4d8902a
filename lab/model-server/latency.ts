// How long a model seems to think and write: fixed, so that figures can be compared.
export type Latency = {
  /** Until the first token. */
  readonly firstMilliseconds: number
  /** Milliseconds for each token of the answer. */
  readonly perTokenMilliseconds: number
}

export const latencies = {
  zero: { firstMilliseconds: 0, perTokenMilliseconds: 0 },
  fast: { firstMilliseconds: 1_000, perTokenMilliseconds: 10 },
  slow: { firstMilliseconds: 1_500, perTokenMilliseconds: 17 },
} as const satisfies Record<string, Latency>
