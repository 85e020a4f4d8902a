// Somebody else answers in a host's place, before Millwright looks or between its look and its repair.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Target } from '../fault.ts'
import { crashUnit, mendUnit, nginx } from '../nginx.ts'
import { mark, type Mark, recordsSince, saidSince, startsSince } from '../proving/counter.ts'
import { type Field, startField } from '../proving/field.ts'
import { reached } from '../proving/moments.ts'
import { prove } from '../proving/proof.ts'
import { aDayPasses, closeByPerson, readFinal, toldOf } from '../proving/record.ts'
import { disguise, disguises, type Disguise } from '../proving/rogue.ts'
import type { Try } from '../proving/tally.ts'

const endMilliseconds = 120_000
const pollMilliseconds = 100
const moments = ['before-the-look', 'when-it-was-planned'] as const
type Moment = (typeof moments)[number]

type Rogues = { readonly field: Field; readonly target: Target; readonly stranger: Target }

async function tryOne({ field, target, stranger }: Rogues, how: Disguise, moment: Moment): Promise<Try> {
  const { crew } = field
  const answers = how === 'another host at its address' ? stranger : target
  const startsAt = new Date()
  const alert = { host: target.host.name, unit: nginx, status: 'firing', startsAt } as const
  const begun = await mark(target)
  await crashUnit(target, nginx)
  const earlier = moment === 'before-the-look' ? null : await field.alert(alert)
  const until = performance.now() + endMilliseconds
  if (moment !== 'before-the-look') await reached({ crew, targets: [target], point: moment, since: startsAt, until })
  const rogue = await disguise(how, target, stranger)
  const from = answers === target ? await mark(target) : await mark(stranger)
  try {
    const incident = earlier ?? (await field.alert(alert))
    while (performance.now() < until) {
      if ((await readFinal(crew.store, incident))?.isOver === true) break
      await sleep(pollMilliseconds)
    }
    const says = `${how}, ${moment.replaceAll('-', ' ')}`
    return await judge({ field, target, stranger }, { incident, answers, from, begun, wasMet: earlier === null, says })
  } finally {
    await rogue.undo()
    await mendUnit(target, nginx)
    await closeByPerson(field)
    await aDayPasses(crew.store)
  }
}

type Case = {
  readonly incident: string
  readonly answers: Target
  /** Of whoever answers, when it began to; and of the host itself, before it broke. */
  readonly from: Mark
  readonly begun: Mark
  /** Whether Millwright can only have met the impostor; else its connection may have been cut in the middle. */
  readonly wasMet: boolean
  readonly says: string
}

async function judge({ field, target }: Rogues, { incident, answers, from, begun, wasMet, says }: Case): Promise<Try> {
  const final = await readFinal(field.crew.store, incident)
  const said = await saidSince(answers, from, ({ SYSLOG_IDENTIFIER }) => SYSLOG_IDENTIFIER === 'sshd')
  const logins = said.filter((line) => line.startsWith('Accepted '))
  const knocks = said.filter((line) => line.includes('[preauth]') || line.startsWith('Unable to negotiate'))
  const told = await toldOf(field.crew.store, incident)
  const runs = [...recordsSince(target, begun), ...(answers === target ? [] : recordsSince(answers, from))]
  const starts = await startsSince(target, nginx, begun)
  const failure =
    final?.state !== 'handed-over'
      ? `The incident is ${final === null ? 'lost' : `${final.state}: ${final.notOver ?? ''}`}.`
      : logins.length > 0
        ? `The impostor let somebody in: ${logins[0] ?? ''}`
        : runs.length + starts > 0
          ? `Something was done: runs ${runs.join(', ')}, ${starts} starts.`
          : wasMet && knocks.length === 0
            ? `Nobody came to the impostor's door, so this says nothing: ${said.join(' | ').slice(0, 200)}`
            : wasMet && !/security finding/i.test(told)
              ? `It was not told as a security finding: ${told}`
              : null
  return { says: `${says}: ${final?.state ?? 'lost'}, ${knocks.length} turned away, ${logins.length} logins`, failure }
}

await prove({
  name: 'rogue-host-key',
  what: 'where a host shows another key than the pinned one nobody logs in, nothing is written, and people get it as a security finding',
  begin: async ({ random, say }) => {
    const field = await startField({ hosts: 2, say })
    const [target, stranger] = field.targets
    if (target === undefined || stranger === undefined) throw new Error('a lab without two hosts')
    const cases = random.shuffled(disguises.flatMap((how) => moments.map((moment) => ({ how, moment }))))
    return {
      round: async ({ round }) => {
        const one = cases[round % cases.length]
        return one === undefined ? [] : [await tryOne({ field, target, stranger }, one.how, one.moment)]
      },
      end: field.stop,
    }
  },
})
