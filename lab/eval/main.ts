// `millwright eval run`: the lab's faults against a model, N tries each, and what that adds up to.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { exitCode } from '../../cli/command.ts'
import { reportError } from '../../cli/report-error.ts'
import { Failure } from '../../domain/failure.ts'
import { count, dollars } from '../../domain/text.ts'
import { loadInventory } from '../../integrations/load.ts'
import { Config, readConfig } from '../../runtime/config.ts'
import { readSecret } from '../../runtime/secrets.ts'
import { faultNames } from '../oracle.ts'
import { everythingAlone } from '../proving/alone.ts'
import { type Field, startField } from '../proving/field.ts'
import { logIn } from '../proving/people.ts'
import type { Values } from '../world/world.ts'
import { transcriptOf } from './record.ts'
import { type Board, boardSays, type Worker } from './board.ts'
import { fewTries, type Outcome, scores, tiers } from './scoreboard.ts'
import { tryFault } from './trial.ts'

/** The one that is broken, and a healthy one of its kind to compare with. */
const hosts = 2
const mostRuns = 1_000
/** Of one investigation, where the config of a model says nothing else. */
const ample = { turns: 6, tokens: 400_000, dollars: 1, seconds: 900 } as const
const scriptedSays =
  'The scripted model answers as its author thought right: these figures say nothing about a real model.'

type Wanted = {
  readonly faults: readonly string[]
  readonly runs: number
  /** The part of a config about models; null: the scripted one. */
  readonly models: Values | null
  readonly record: string | null
}

const say = (line: string): void => void process.stderr.write(`${line}\n`)

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      config: { type: 'string' },
      scripted: { type: 'boolean', default: false },
      only: { type: 'string' },
      runs: { type: 'string', default: '3' },
      record: { type: 'string' },
      output: { type: 'string', short: 'o', default: 'text' },
    },
  })
  const json = values.output === 'json'
  const keys = await mkdtemp(join(tmpdir(), 'millwright-eval-'))
  const stopped = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopped.abort())
  try {
    const wanted: Wanted = {
      faults: await faultsOf(values.only),
      runs: numberOf(values.runs),
      models: values.scripted ? null : await modelsOf(values.config, keys),
      record: values.record ?? null,
    }
    const board = await evaluate(wanted, stopped.signal)
    process.stdout.write(json ? `${JSON.stringify(board)}\n` : `${boardSays(board)}\n`)
    const wrong = board.scores.at(-1)?.wrongActions.k ?? 0
    process.exitCode = stopped.signal.aborted
      ? exitCode.cancelled
      : wrong > 0
        ? exitCode.verificationFailed
        : exitCode.ok
  } catch (error) {
    process.exitCode = reportError(error, json)
  } finally {
    await rm(keys, { recursive: true, force: true })
  }
}

async function faultsOf(text: string | undefined): Promise<readonly string[]> {
  const known = await faultNames()
  const named = text?.split(',') ?? known
  const strange = named.find((name) => !known.includes(name))
  if (strange === undefined) return named
  const hint = `It knows: ${known.join(', ')}.`
  throw new Failure({ code: 'input.usage', message: `The lab knows no fault "${strange}".`, hint })
}

function numberOf(text: string): number {
  const runs = Number(text)
  if (/^\d{1,4}$/.test(text) && runs >= 1 && runs <= mostRuns) return runs
  throw new Failure({ code: 'input.usage', message: `--runs takes a whole number from 1 to ${mostRuns}.` })
}

/** What a config says of models, and of what they may use. */
async function modelsOf(file: string | undefined, keys: string): Promise<Values> {
  const config = file === undefined ? null : readConfig(file)
  if (config?.models === undefined) {
    throw new Failure({
      code: 'config.missing',
      message: file === undefined ? 'Which model is to be evaluated?' : `${file} names no model.`,
      hint: 'Name a config with --config that says: models: { planner: { use: anthropic, model: …, key: "file:/path/of/key" } }; or take --scripted, which says nothing about a real model.',
    })
  }
  const { planner, reader } = config.models
  const tiers = Object.entries({ planner, ...(reader === undefined ? {} : { reader }) })
  const models = await Promise.all(tiers.map(async ([tier, own]) => [tier, await keptIn(keys, tier, own)] as const))
  return { models: Object.fromEntries(models), budgets: config.budgets }
}

/** Processes of Millwright inherit no environment: a key that stands there goes into a file for as long as it runs. */
async function keptIn(folder: string, tier: string, own: Values): Promise<Values> {
  const { key } = own
  if (typeof key !== 'string' || !key.startsWith('env:')) return own
  const file = join(folder, `${tier}.key`)
  await writeFile(file, readSecret(key), { mode: 0o600 })
  return { ...own, key: `file:${file}` }
}

async function evaluate({ faults, runs, models, record }: Wanted, signal: AbortSignal): Promise<Board> {
  // The model that the config names for it was not asked.
  const model = models === null ? 'scripted' : null
  let config: Values = {}
  const change = (values: Values): Values => (config = { ...everythingAlone(ample)(values), ...models })
  const field = await startField({ hosts, say, ...(models === null ? { model: {} } : {}), change })
  const outcomes: Outcome[] = []
  try {
    const token = await logIn(field.crew, { name: 'operator', role: 'approver', team: 'default' })
    for (const host of field.targets) field.model?.assign(host.host.name, 'correct')
    for (const [at, name] of tries(faults, runs).entries()) {
      if (signal.aborted) break
      const { outcome, state, reason } = await tryFault(field, token, name, async (tried) => {
        if (record !== null)
          await keep(record, `${String(at + 1).padStart(4, '0')}-${name}`, { field, config, tried, model })
      })
      outcomes.push(outcome)
      const word = outcome.wrongAction === null ? (outcome.right ? 'right' : 'not right') : 'WRONG ACTION'
      const why = outcome.wrongAction ?? `${state} (${reason ?? 'no reason'})`
      say(
        `${name}: ${word}, ${why}, ${count(outcome.turns, 'turn')}, ${dollars(spentOn(outcome))}, ${Math.round(outcome.seconds)} s`,
      )
    }
    const worked = await workedWith(field)
    const wrong = outcomes.flatMap(({ fault, wrongAction: what }) => (what === null ? [] : [{ fault, what }]))
    const says = warnings(outcomes, models)
    return { ...worked, ...(model === null ? {} : { model, reader: model }), says, wrong, scores: scores(outcomes) }
  } finally {
    await field.stop()
  }
}

/** Round by round, so that who stops it early has something of each. */
function tries(faults: readonly string[], runs: number): readonly string[] {
  return Array.from({ length: runs }, () => faults).flat()
}

type Kept = {
  readonly field: Field
  readonly config: Values
  readonly tried: Awaited<ReturnType<typeof tryFault>>
  /** Who really answered; null: whom the config names. */
  readonly model: string | null
}

async function keep(folder: string, name: string, { field, config, tried, model }: Kept): Promise<void> {
  const { store } = field.crew
  const { incident, host, state, reason, outcome } = tried
  const parsed = Config.parse(config)
  const { hosts: inventory } = await loadInventory(parsed)
  const end = { state, reason, right: outcome.right, wrongAction: outcome.wrongAction }
  const own = { store, incident, host, config: parsed, inventory, model, fault: outcome.fault, end }
  const transcript = await transcriptOf(own)
  if (transcript === null) return
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(join(folder, `${name}.json`), `${JSON.stringify(transcript)}\n`, { mode: 0o600 })
}

function spentOn({ spent }: Outcome): number {
  return tiers.reduce((sum, tier) => sum + spent[tier].dollars, 0)
}

async function workedWith({ crew }: Field): Promise<Worker> {
  const row = await crew.store.selectFrom('investigation').select('harness').limit(1).executeTakeFirst()
  if (row === undefined) return { model: 'none was asked', effort: null, reader: null, harness: {} }
  const { model, effort, reader, ...harness } = row.harness
  return { model, effort, reader, harness }
}

function warnings(outcomes: readonly Outcome[], models: Values | null): readonly string[] {
  const few = outcomes.length < fewTries
  return [
    ...(models === null ? [scriptedSays] : []),
    ...(few ? [`So few tries (${outcomes.length}) say little: below ${fewTries} the intervals are what counts.`] : []),
  ]
}

await main()
