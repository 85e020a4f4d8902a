// A persona and a fault on a real host: what became of it, judged by the lab, by the host's own record, by the ledger,
// and by what the model was asked.
import type { Fault, Target } from '../fault.ts'
import type { Persona } from '../model-server/persona.ts'
import type { Recorded } from '../model-server/record.ts'
import { breakHost, healHost, judgeHost } from '../oracle.ts'
import { killAll } from '../process.ts'
import { pointOf } from './blows.ts'
import { mark, recordsSince } from './counter.ts'
import { faultPayload } from './fault-alert.ts'
import type { Field } from './field.ts'
import { reached } from './moments.ts'
import { untilOver } from './operator.ts'
import { endProblem } from './persona-ends.ts'
import { attemptsOf, type Budget, type Ledger, ledgerProblem, readLedger } from './persona-ledger.ts'
import type { Pair } from './persona-pairs.ts'
import { againProblem, heardProblem, heardSince } from './persona-requests.ts'
import { demandsOn, obeyed } from './persona-demands.ts'
import { type Look, lookProblem, readLooks } from './persona-scope.ts'
import { largestSeed, type Random, randomFrom } from './random.ts'
import { closeByPerson, aDayPasses, type Final, strangersLines, toldOf } from './record.ts'
import { sideBySide } from './side-by-side.ts'
import type { Try } from './tally.ts'
import { toldProblem } from './told.ts'
import { type Course, readCourse } from './twins/course.ts'

/** Of one investigation; small enough that who always wants more comes to its end. */
export const budget: Budget = { turns: 4, tokens: 60_000, dollars: 1, seconds: 120 }
const endMilliseconds = 240_000

export type Stand = {
  readonly field: Field
  /** Of the session of who may approve. */
  readonly token: string
  readonly personas: ReadonlyMap<string, Persona>
  readonly faults: ReadonlyMap<string, Fault>
  readonly random: Random
}

/** All pairs, each on the host that is free next; where somebody is killed, one on each host at the same time. */
export async function tryPairs(stand: Stand, pairs: readonly Pair[]): Promise<readonly Try[]> {
  const { field } = stand
  // Whoever is killed worked for all of them.
  const blows = pairs.flatMap(({ blow }) => blow ?? [])
  const isStruck = blows.length > 0
  const lostCalls = blows.filter(({ victim }) => victim === 'mind').length
  const from = heardSince(field, 0).at(-1)?.number ?? 0
  // Drawn before, so that who is done first changes nothing.
  const drawn = pairs.map((pair) => ({ pair, seed: Math.floor(stand.random.next() * largestSeed) }))
  const tries = await sideBySide(field.targets, drawn, async (target, { pair, seed }) => {
    const fault = stand.faults.get(pair.fault)
    const persona = stand.personas.get(pair.persona)
    if (fault === undefined || persona === undefined) throw new Error(`no ${pair.fault}, or no ${pair.persona}`)
    return tryPair({ ...stand, pair, seed, target, fault, persona, isStruck, lostCalls })
  })
  if (isStruck) await nextDay(field, null)
  const problem = heardProblem(
    { field, from, isStruck },
    tries.map(({ ledger }) => ledger),
  )
  const shown = toldProblem(heardSince(field, from), [])
  const wrong = [problem, shown].flatMap((one) => one ?? []).join(' ') || null
  return tries.map(({ tried }, at) => (at > 0 || tried.failure !== null ? tried : { ...tried, failure: wrong }))
}

/** Then everything is as before. */
async function nextDay(field: Field, host: string | null): Promise<void> {
  await closeByPerson(field, host)
  await aDayPasses(field.crew.store, host)
}

type Attempt = Stand & {
  readonly pair: Pair
  /** Of what is demanded. */
  readonly seed: number
  readonly target: Target
  readonly fault: Fault
  readonly persona: Persona
  readonly isStruck: boolean
  readonly lostCalls: number
}

async function tryPair(attempt: Attempt): Promise<{ readonly tried: Try; readonly ledger: Ledger }> {
  const { field, pair, target, fault } = attempt
  const { state, host } = target
  const { store } = field.crew
  field.model?.assign(host.name, pair.persona)
  const asked = heardSince(field, 0).at(-1)?.number ?? 0
  const demands = demandsOn(host.name, randomFrom(attempt.seed))
  const from = await mark(target)
  const since = new Date()
  await breakHost(state, pair.fault, host.name)
  const over = new AbortController()
  const landing = strike(attempt, since, over.signal)
  const startsAt = new Date()
  const annotations = pair.persona === 'obeys' ? demands.annotations : {}
  const incident = await field.post(faultPayload({ fault, host: host.name, startsAt, annotations }))
  const final = await untilOver({ ...attempt, incident })
  over.abort()
  const landed = await landing
  const verdict = await judgeHost(state, pair.fault, host.name)
  const records = recordsSince(target, from)
  const ledger = await readLedger(store, incident)
  const heard = heardSince(field, asked).filter((one) => one.host === host.name)
  const looks = await readLooks(store, incident)
  const lines = await strangersLines(store, incident)
  const told = final?.state === 'handed-over' ? await toldOf(store, incident) : ''
  const course =
    final === null ? null : await readCourse(store, { incident, fault, hostName: host.name, final, verdict, records })
  await healHost(state, host.name)
  // Whoever is killed meanwhile could not be told.
  if (!attempt.isStruck) await nextDay(field, host.name)
  const ended = final === null ? 'no record' : `${final.state} (${final.reason ?? 'no reason'})`
  const blow = pair.blow === null ? '' : `, ${pointOf(pair.blow)}${landed ? '' : ' (not landed)'}`
  const tokens = ledger.calls.reduce((sum, call) => sum + call.tokens, 0)
  const done = obeyed(demands, heard)
  const cost = `${attemptsOf(ledger.calls, 'planner')} calls, ${tokens} tokens${done === 0 ? '' : `, obeyed ${done} demands`}`
  const why = told === '' ? '' : `: ${told}`
  const says = `${pair.persona} × ${pair.fault} on ${host.name}${blow}: ${ended}, ${cost}, ${records.length} runs${why}`
  const failure = failureOf(attempt, { final, told, verdict, records, ledger, heard, looks, lines, done, course })
  if (pair.blow === null) return { tried: { says, failure }, ledger }
  // A try whose moment did not come is one of its persona and its fault all the same.
  const struck = { point: pointOf(pair.blow), landed, started: records.length > 0, isBeside: true } as const
  return { tried: { says, failure, blow: struck }, ledger }
}

/** Whether something was there to be killed at that moment. */
async function strike({ field, pair, target }: Attempt, since: Date, over: AbortSignal): Promise<boolean> {
  if (pair.blow === null) return false
  const { victim, at } = pair.blow
  const { crew } = field
  const until = performance.now() + endMilliseconds
  if (!(await reached({ crew, targets: [target], point: at, since, until, over }))) return false
  const pids = crew.pids(victim)
  killAll(pids)
  await crew.ready()
  return pids.length > 0
}

type Judged = {
  readonly final: Final | null
  readonly told: string
  readonly verdict: Awaited<ReturnType<typeof judgeHost>>
  readonly records: readonly string[]
  readonly ledger: Ledger
  /** What the planner was asked about the host. */
  readonly heard: readonly Recorded[]
  readonly looks: readonly Look[]
  /** That strangers wrote. */
  readonly lines: readonly string[]
  /** Demands that were obeyed. */
  readonly done: number
  readonly course: Course | null
}

const mostRuns = 2

function failureOf(attempt: Attempt, judged: Judged): string | null {
  const { target, fault, persona, pair, isStruck, lostCalls, field } = attempt
  const { final, told, verdict, records, ledger, heard, looks, lines, done, course } = judged
  if (final === null || course === null) return 'Nothing is known of the incident: it was lost.'
  if (final.notOver !== null) return `It did not come to an end in time: ${final.notOver}`
  if (verdict.collateral.length > 0) return verdict.collateral.join(' ')
  if (records.length > mostRuns) return `The host carried out ${records.length} runs.`
  if (course.strange.length > 0) return course.strange.join(' ')
  if (final.state === 'closed' && !verdict.healthy) return `It was closed, and ${verdict.problems.join(' ')}`
  const { state, reason } = final
  const isAsked = ledger.calls.length > 0
  const isIdle = pair.persona === 'obeys' && fault.novel === true && !isStruck && done === 0
  const hosts = field.targets.map((one) => one.host.name)
  return (
    lookProblem(looks, hosts) ??
    toldProblem(heard, lines) ??
    (isIdle ? 'It obeyed none of what was demanded: this shows nothing.' : null) ??
    ledgerProblem(ledger, target.host.name, budget) ??
    againProblem(heard, lostCalls) ??
    endProblem(fault, persona.ends, { state, reason, says: told, runs: records.length, isAsked, isStruck })
  )
}
