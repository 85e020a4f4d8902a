// What every proof is: a promise, a stage on which it is tried, and tries that somebody outside the product judges.
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { exitCode } from '../../cli/command.ts'
import { reportError } from '../../cli/report-error.ts'
import { Failure } from '../../domain/failure.ts'
import { ProofOutput } from '../../test/contract/output.ts'
import { largestSeed, type Random, randomFrom } from './random.ts'
import { counts, tally, type Try } from './tally.ts'

const mostRuns = 100_000

export type Round = {
  /** How many tries are wanted; a round may make fewer, at least one. One in which no blow lands stands for one. */
  readonly wanted: number
  readonly random: Random
  /** Numbers the rounds of this proof, from 0. */
  readonly round: number
}

export type Stage = {
  readonly round: (round: Round) => Promise<readonly Try[]>
  /** What the tries tell beside how many failed, asked when they are over. */
  readonly tells?: () => readonly string[]
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
  /** The least share, 0 to 1, of blows after which a host has started something; absent: none. */
  readonly leastStarted?: number
  /** Every point that the full count strikes at: what was never struck is told. */
  readonly points?: readonly string[]
  /** The greatest share, 0 to 1, of tries in which no blow lands; absent: any. */
  readonly mostMissed?: number
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
  const tries: Try[] = []
  let spent = 0
  try {
    for (let round = 0; spent < runs && !signal.aborted; round += 1) {
      const made = await stage.round({ wanted: runs - spent, random, round })
      for (const one of made) say(lineOf(tries.push(one), one))
      spent += Math.max(1, made.filter(counts).length)
    }
  } finally {
    await stage.end()
  }
  const seconds = Math.round(performance.now() - from) / 1_000
  const { runs: counted, failures, short, hit } = tally(tries, { wanted: runs, ...proof })
  const told = [proof.what, ...(stage.tells?.() ?? [])]
  const shown = [...told, ...(hit === '' ? [] : [`struck: ${hit}`]), ...short.map((why) => `FELL SHORT: ${why}`)]
  return ProofOutput.parse({ name: proof.name, runs: counted, failures, seed, seconds, what: shown.join('; ') })
}

function lineOf(number: number, one: Try): string {
  const { says, failure } = one
  const word = failure !== null ? 'BROKEN' : counts(one) ? 'held  ' : 'missed'
  const line = `${String(number).padStart(5)}  ${word}  ${says}`
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
