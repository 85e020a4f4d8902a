// What every proof is: a promise, a stage on which it is tried, and tries that somebody outside the product judges.
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { exitCode } from '../../cli/command.ts'
import { reportError } from '../../cli/report-error.ts'
import { Failure } from '../../domain/failure.ts'
import { ProofOutput } from '../../test/contract/output.ts'
import { largestSeed, type Random, randomFrom } from './random.ts'

const mostRuns = 100_000

/** One try: what was done, and how the promise was broken; null: it held. */
export type Try = { readonly says: string; readonly failure: string | null }

export type Round = {
  /** How many tries are wanted; a round may make fewer, at least one. */
  readonly wanted: number
  readonly random: Random
  /** Numbers the rounds of this proof, from 0. */
  readonly round: number
}

export type Stage = {
  readonly round: (round: Round) => Promise<readonly Try[]>
  /** Takes everything down. */
  readonly end: () => Promise<void>
}

export type Setting = {
  readonly runs: number
  readonly random: Random
  readonly say: (line: string) => void
}

export type Proof = {
  readonly name: string
  /** What is promised, in one sentence. */
  readonly what: string
  readonly begin: (setting: Setting) => Promise<Stage>
}

/** Runs a proof as a program: `--runs N --seed S --output json`. One object on stdout, what happens on stderr. */
export async function prove(proof: Proof): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '20' },
      seed: { type: 'string' },
      output: { type: 'string', short: 'o', default: 'text' },
    },
  })
  const json = values.output === 'json'
  const stopped = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopped.abort())
  try {
    const runs = wholeNumber('--runs', values.runs, mostRuns)
    const seed = values.seed === undefined ? randomInt(largestSeed) : wholeNumber('--seed', values.seed, largestSeed)
    const output = await tryAll(proof, { runs, seed, signal: stopped.signal })
    process.stdout.write(json ? `${JSON.stringify(output)}\n` : sentenceOf(output))
    if (stopped.signal.aborted) process.exitCode = exitCode.cancelled
    else process.exitCode = output.failures === 0 ? exitCode.ok : exitCode.verificationFailed
  } catch (error) {
    process.exitCode = reportError(error, json)
  }
}

type Wanted = { readonly runs: number; readonly seed: number; readonly signal: AbortSignal }

async function tryAll(proof: Proof, { runs, seed, signal }: Wanted): Promise<ProofOutput> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`)
  const random = randomFrom(seed)
  const from = performance.now()
  say(`${proof.name}, ${runs} tries, seed ${seed}: ${proof.what}`)
  const stage = await proof.begin({ runs, random, say })
  let done = 0
  let failures = 0
  try {
    for (let round = 0; done < runs && !signal.aborted; round += 1) {
      for (const one of await stage.round({ wanted: runs - done, random, round })) {
        done += 1
        failures += one.failure === null ? 0 : 1
        say(lineOf(done, one))
      }
    }
  } finally {
    await stage.end()
  }
  const seconds = Math.round(performance.now() - from) / 1_000
  return ProofOutput.parse({ name: proof.name, runs: done, failures, seed, seconds, what: proof.what })
}

function lineOf(number: number, { says, failure }: Try): string {
  const line = `${String(number).padStart(5)}  ${failure === null ? 'held  ' : 'BROKEN'}  ${says}`
  return failure === null ? line : `${line}\n               ${failure}`
}

function wholeNumber(option: string, text: string, most: number): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number <= most) return number
  throw new Failure({
    code: 'input.usage',
    message: `${option} takes a whole number from 0 to ${most}, not "${text}".`,
  })
}

function sentenceOf({ name, runs, failures, seed, seconds, what }: ProofOutput): string {
  return `${name}: ${failures} of ${runs} broke the promise (seed ${seed}, ${seconds.toFixed(1)} s). Promised: ${what}\n`
}
