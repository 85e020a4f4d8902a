// Services crash on real hosts, and while Millwright repairs them, something of it is killed. What came of it is judged
// by what the hosts counted.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Target } from '../fault.ts'
import { crashUnit, mendUnit, nginx, webProblems } from '../nginx.ts'
import { killAll } from '../process.ts'
import { type Blow, pointOf } from './blows.ts'
import type { Crew, Member } from './crew.ts'
import { mark, type Mark, recordsSince, startsSince } from './counter.ts'
import type { Field } from './field.ts'
import { reached } from './moments.ts'
import type { Random } from './random.ts'
import { aDayPasses, closeByPerson, readFinal, type Final } from './record.ts'
import { counts, type Try } from './tally.ts'

/** Longest from the crash until the incident has to be closed or with people, and every lease free. */
const endMilliseconds = 330_000
const pollMilliseconds = 250
const lookMilliseconds = 20
/** Longest until a point is reached; a point that is over too quickly to be seen is passed without a blow. */
const reachMilliseconds = 90_000
/** Longest until a process that is being started again is there to be killed, after a chosen time. */
const thereMilliseconds = 5_000
/** About what a run takes on a quiet machine: some moment of it, for what lives only then. */
const momentMilliseconds = 1_500
/** How often a blow is tried until it lands. */
const mostStrikes = 5
const spreadMilliseconds = 1_500
const mostRepeats = 3

type Broken = { readonly target: Target; readonly mark: Mark; readonly incident: string }

/** Strikes until the blow lands, as often as is allowed; the tries before it are told too. */
export async function strike(field: Field, blow: () => Blow, random: Random): Promise<readonly Try[]> {
  const tries: Try[] = []
  while (tries.length < mostStrikes && !tries.some(counts)) tries.push(await strikeOnce(field, blow(), random))
  return tries
}

/** Breaks nginx on every host, strikes once, lets everything come back, and judges each host. */
async function strikeOnce(field: Field, blow: Blow, random: Random): Promise<Try> {
  const { targets } = field
  const startsAt = new Date()
  const offsets = targets.map((_, at) => (at === 0 ? 0 : random.between(0, spreadMilliseconds)))
  const repeats = Math.floor(random.between(0, mostRepeats + 1))
  const breaking = targets.map((target, at) => breakOne(field, target, startsAt, offsets[at] ?? 0))
  const struck = strikeAt(field, blow, startsAt)
  const broken = await Promise.all(breaking)
  for (const { target } of broken.slice(0, repeats)) await firing(field, target, startsAt)
  const { says, landed } = await struck
  const judged = await Promise.all(broken.map((one) => judge(field, one)))
  await clearUp(field, broken)
  const failures = judged.flatMap(({ name, failure }) => (failure === null ? [] : [`${name}: ${failure}`]))
  return {
    says: [says, ...judged.map((one) => `${one.name}: ${one.says}`)].join('; '),
    failure: failures.length === 0 ? null : failures.join(' '),
    blow: { point: pointOf(blow), landed, started: judged.some(({ starts }) => starts > 0) },
  }
}

async function breakOne(field: Field, target: Target, startsAt: Date, offset: number): Promise<Broken> {
  await sleep(offset)
  const from = await mark(target)
  await crashUnit(target, nginx)
  return { target, mark: from, incident: await firing(field, target, startsAt) }
}

function firing(field: Field, { host }: Target, startsAt: Date): Promise<string> {
  return field.alert({ host: host.name, unit: nginx, status: 'firing', startsAt })
}

type Struck = { readonly says: string; readonly landed: boolean }

async function strikeAt({ crew, targets }: Field, { victim, at }: Blow, since: Date): Promise<Struck> {
  const from = performance.now()
  const when = typeof at === 'number' ? 'at a random moment' : at.replaceAll('-', ' ')
  // On a busy machine a run may come much later than any chosen second: what lives only then is waited for first.
  const passes = typeof at === 'number' && (victim === 'ansible' || victim === 'connection')
  if (passes) {
    await there(crew, victim, from + reachMilliseconds)
    await sleep((at % 1) * momentMilliseconds)
  } else if (typeof at === 'number') await sleep(at * 1_000)
  else if (!(await reached({ crew, targets, point: at, since, until: from + reachMilliseconds })))
    return { says: `${when}: never seen`, landed: false }
  const pids = await there(crew, victim, performance.now() + (typeof at === 'number' ? thereMilliseconds : 0))
  killAll(pids)
  const seconds = ((performance.now() - from) / 1_000).toFixed(2)
  // What watches over Millwright starts it again, as systemd would.
  await crew.ready()
  if (pids.length === 0) return { says: `${when}: there was no ${victim} to kill`, landed: false }
  return { says: `${victim} killed ${when} (${seconds} s)`, landed: true }
}

/** Its ids as soon as it is there; empty when it is not until then. */
async function there(crew: Crew, victim: Member, until: number): Promise<readonly number[]> {
  for (;;) {
    const pids = crew.pids(victim)
    if (pids.length > 0 || performance.now() >= until) return pids
    await sleep(lookMilliseconds)
  }
}

type Judged = {
  readonly name: string
  readonly says: string
  readonly starts: number
  readonly failure: string | null
}

async function judge(field: Field, broken: Broken): Promise<Judged> {
  const { target, incident } = broken
  const from = performance.now()
  let final: Final | null = null
  while (performance.now() - from < endMilliseconds) {
    final = await readFinal(field.crew.store, incident).catch(() => null)
    if (final?.isOver === true) break
    await sleep(pollMilliseconds)
  }
  const starts = await startsSince(target, nginx, broken.mark)
  const records = recordsSince(target, broken.mark)
  const problems = await webProblems(target)
  const ended = final === null ? 'no record' : `${final.state}${final.reason === null ? '' : ` (${final.reason})`}`
  const says = `${ended}, ${starts} starts, ${records.length} runs on the host, ${problems.length === 0 ? 'well' : 'broken'}`
  return { name: target.host.name, says, starts, failure: failureOf(final, { starts, records, problems }) }
}

type Counted = {
  readonly starts: number
  readonly records: readonly string[]
  readonly problems: readonly string[]
}

function failureOf(final: Final | null, { starts, records, problems }: Counted): string | null {
  if (final === null) return 'Nothing is known of the incident: it was lost.'
  if (final.notOver !== null) return `It did not come to an end in time: ${final.notOver}`
  if (starts > 1) return `nginx was started ${starts} times for one incident.`
  if (starts > records.length) return 'nginx was started, and the host has no record of a run.'
  const strange = records.filter((run) => !final.runs.some(({ id }) => id === run))
  if (strange.length > 0) return `The host carried out ${strange.join(', ')}, which is no run of this incident.`
  const refused = final.runs.find(({ id, state }) => state === 'refused' && records.includes(id) && starts > 0)
  if (refused !== undefined) return `${refused.id} counts as never begun, and the host carried it out.`
  const well = problems.length === 0
  const succeeded = final.runs.some(({ state }) => state === 'succeeded')
  if (succeeded && !well) return `A run counts as succeeded, and ${problems.join(' ')}`
  if (succeeded && starts === 0) return 'A run counts as succeeded, and nothing was started on the host.'
  if (final.state === 'closed' && !well) return `It was closed, and ${problems.join(' ')}`
  return null
}

/** The host is mended, people close what they have, and a day passes in the record: the next try finds all as new. */
async function clearUp(field: Field, broken: readonly Broken[]): Promise<void> {
  for (const { target } of broken) {
    await mendUnit(target, nginx)
    await field.alert({ host: target.host.name, unit: nginx, status: 'resolved', startsAt: new Date() })
  }
  await closeByPerson(field)
  await aDayPasses(field.crew.store)
}
