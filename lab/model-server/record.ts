// Every request that came, bounded, so that proofs can look for what must not be in one and for prefixes that change.
import type { Block, Said, Usage } from './heard.ts'

const mostRequests = 20_000
const mostBytes = 256 * 1024 * 1024

export type Recorded = {
  /** Counted from 1. */
  readonly number: number
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** As it came. */
  readonly body: string
  /** HTTP status of the answer. */
  readonly status: number
  /** Empty where the request was refused before anybody was asked. */
  readonly persona: string
  readonly model: string
  /** The host that it is about; empty: it was not told. */
  readonly host: string
  readonly blocks: readonly Block[]
  readonly said: Said | null
  readonly usage: Usage | null
}

export type Recorder = {
  readonly add: (one: Omit<Recorded, 'number'>) => void
  /** In the order in which they came; the oldest go first when there are too many. */
  readonly requests: () => readonly Recorded[]
  /** So many are no longer kept. */
  readonly forgotten: () => number
}

export function recorder(): Recorder {
  const kept: Recorded[] = []
  let bytes = 0
  let number = 0
  return {
    add: (one) => {
      number += 1
      kept.push({ ...one, number })
      bytes += one.body.length
      while (kept.length > mostRequests || bytes > mostBytes) bytes -= kept.shift()?.body.length ?? bytes
    },
    requests: () => [...kept],
    forgotten: () => number - kept.length,
  }
}

/**
 * Where the next request of a conversation does not begin, byte for byte, with the one before: tools, system, and every
 * message of it. One sentence each; empty: all do.
 */
export function prefixProblems(requests: readonly Recorded[]): readonly string[] {
  const seen = new Set<string>()
  return requests.flatMap(({ number, status, model, blocks }) => {
    if (status !== 200) return []
    const answers = blocks.at(-1)?.answers ?? 0
    const before = answers === 0 ? null : endBefore(blocks, answers)
    const problem = before !== null && !seen.has(joined(model, blocks.slice(0, before)))
    seen.add(joined(model, blocks))
    return problem ? [`Request ${number}, after ${answers} answers, begins with no request that came before it.`] : []
  })
}

/** The number of blocks of the request that the last of these answers answered. */
function endBefore(blocks: readonly Block[], answers: number): number {
  return blocks.findIndex((one) => one.answers === answers)
}

function joined(model: string, blocks: readonly Block[]): string {
  return [model, ...blocks.map(({ bytes }) => bytes)].join('\n')
}
