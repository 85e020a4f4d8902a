// Decisions that must not count: late, twice, undelivered, for another plan, by somebody who may not.
import { setTimeout as sleep } from 'node:timers/promises'
import { newId } from '../../runtime/ids.ts'
import type { Target } from '../fault.ts'
import { crashUnit, mendUnit, nginx } from '../nginx.ts'
import { killAll } from '../process.ts'
import { mark, recordsSince, startsSince } from '../proving/counter.ts'
import type { Member } from '../proving/crew.ts'
import { type Field, startField } from '../proving/field.ts'
import { askMore, decide, logIn } from '../proving/people.ts'
import { prove } from '../proving/proof.ts'
import type { Random } from '../proving/random.ts'
import { aDayPasses, askedIn, closeByPerson, readFinal } from '../proving/record.ts'
import type { Try } from '../proving/tally.ts'

/** How long a person has here. */
const approvalSeconds = 10
const endMilliseconds = 90_000
const pollMilliseconds = 50
const graceMilliseconds = 2_000
/** Longest until people are asked about the plan that was made from fresh evidence. */
const replanMilliseconds = 60_000
const edgeMilliseconds = 400

type Tokens = { readonly approver: string; readonly viewer: string; readonly stranger: string; readonly owner: string }
type Asked = {
  readonly field: Field
  readonly tokens: Tokens
  readonly random: Random
  readonly incident: string
  readonly digest: string
  readonly expiresAt: number
  /** Sends a decision on this plan; by the approver unless it says otherwise. */
  readonly say: (verdict: 'approve' | 'reject', more?: Partial<Parameters<typeof decide>[0]>) => Promise<boolean>
}
/** Answers how many runs may have begun because of it. */
type Attempt = (asked: Asked) => Promise<number>

const attempts: Readonly<Record<string, Attempt>> = {
  'while the workflow server is down': async ({ field, say }) => {
    const taken = await frozen(field, 'temporal', () => say('approve'))
    return taken ? 1 : 0
  },
  'whose worker wakes up after the plan expired': ({ field, say, expiresAt }) =>
    frozen(field, 'hands', async () => {
      await say('approve')
      await sleep(Math.max(0, expiresAt - Date.now()) + graceMilliseconds)
      return 0
    }),
  'while everything that decides is down': async ({ field, say }) => {
    killAll(field.crew.pids('control'))
    await say('approve')
    await field.crew.ready()
    return 0
  },
  'after another person rejected': async ({ say }) => {
    const id = newId('dec')
    await say('reject', { id })
    await Promise.all([say('approve', { id }), say('approve')])
    return 0
  },
  'twice, with one form and with two': async ({ say }) => {
    const id = newId('dec')
    await Promise.all([say('approve', { id }), say('approve', { id }), say('approve')])
    return 1
  },
  'after it expired': async ({ say, expiresAt }) => {
    await sleep(Math.max(0, expiresAt - Date.now()) + graceMilliseconds)
    await say('approve')
    return 0
  },
  'at the very moment when it expires': async ({ say, expiresAt, random }) => {
    await sleep(Math.max(0, expiresAt - Date.now() + random.between(-edgeMilliseconds, edgeMilliseconds)))
    return (await say('approve')) ? 1 : 0
  },
  'for another plan': async ({ field, say, digest }) => {
    const others = await field.crew.store.selectFrom('plan').select('digest').where('digest', '<>', digest).execute()
    const turned = digest.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
    for (const other of [...others.map((one) => one.digest), turned, digest.toUpperCase(), ''])
      await say('approve', { digest: other })
    return 0
  },
  'for the plan that fresh evidence has replaced': async ({ field, tokens, say, incident, digest }) => {
    const asked = await askMore({ url: field.url, token: tokens.approver, digest })
    // On a machine so slow that it expired before, this one is only late.
    if (!asked) return (await say('approve')) ? 1 : 0
    const until = performance.now() + replanMilliseconds
    while ((await askedIn(field.crew.store, incident))?.digest === digest && performance.now() < until)
      await sleep(pollMilliseconds)
    await say('approve')
    return 0
  },
  'with the nonce of another form': async ({ field, say }) => {
    const used = await field.crew.store.selectFrom('decision').select('id').execute()
    for (const id of [...used.map((one) => one.id), 'dec_', '', newId('run')]) await say('approve', { id })
    return 0
  },
  'by somebody who may not': async ({ say, tokens }) => {
    const { viewer, stranger, owner } = tokens
    for (const token of [viewer, stranger, owner, null, 'x']) await say('approve', { token })
    return 0
  },
}

/** Stops a process of Millwright without ending it, as a machine that is out of memory does. */
async function frozen<T>({ crew }: Field, member: Member, act: () => Promise<T>): Promise<T> {
  const pids = crew.pids(member)
  for (const pid of pids) process.kill(pid, 'SIGSTOP')
  try {
    return await act()
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT')
  }
}

type Trying = { readonly field: Field; readonly tokens: Tokens; readonly target: Target; readonly random: Random }

async function tryOne({ field, tokens, target, random }: Trying, name: string, attempt: Attempt): Promise<Try> {
  const { store } = field.crew
  const until = performance.now() + endMilliseconds
  const from = await mark(target)
  await crashUnit(target, nginx)
  const incident = await field.alert({ host: target.host.name, unit: nginx, status: 'firing', startsAt: new Date() })
  let asked = await askedIn(store, incident)
  while (asked === null && performance.now() < until) {
    await sleep(pollMilliseconds)
    asked = await askedIn(store, incident)
  }
  if (asked === null) return { says: name, failure: 'It never asked, so this says nothing.' }
  const { digest } = asked
  const say: Asked['say'] = (verdict, more = {}) =>
    decide({ url: field.url, token: tokens.approver, digest, id: newId('dec'), verdict, ...more })
  const allowed = await attempt({
    field,
    tokens,
    random,
    incident,
    digest,
    expiresAt: Date.parse(asked.expiresAt),
    say,
  })
  let final = await readFinal(store, incident).catch(() => null)
  while (final?.isOver !== true && performance.now() < until) {
    await sleep(pollMilliseconds)
    final = await readFinal(store, incident).catch(() => null)
  }
  const runs = recordsSince(target, from).length
  const starts = await startsSince(target, nginx, from)
  const ended = final === null ? 'lost' : `${final.state} (${final.reason ?? 'no reason'})`
  await mendUnit(target, nginx)
  await closeByPerson(field)
  await aDayPasses(store)
  const failure =
    runs > allowed || starts > allowed
      ? `${runs} runs and ${starts} starts on the host, and at most ${allowed} may be.`
      : final?.isOver === true
        ? null
        : `It did not come to an end: ${final?.notOver ?? 'it was lost'}.`
  return { says: `an approval ${name}: ${ended}, ${runs} runs on the host of ${allowed} allowed`, failure }
}

await prove({
  name: 'late-approval',
  what: 'an approval that comes late, twice, undelivered, for another plan, with another nonce or by somebody who may not starts nothing on the host',
  begin: async ({ random, say }) => {
    const change = (config: Readonly<Record<string, unknown>>) => ({
      ...config,
      playbooks: { 'service-restart': { lab: 'suggest' } },
      approvalSeconds: approvalSeconds * Number(config['timeFactor']),
    })
    const field = await startField({ hosts: 1, say, change })
    const [target] = field.targets
    if (target === undefined) throw new Error('a lab without a host')
    const approver = await logIn(field.crew, { name: 'ann', role: 'approver', team: 'default' })
    const viewer = await logIn(field.crew, { name: 'vic', role: 'viewer', team: 'default' })
    const stranger = await logIn(field.crew, { name: 'sam', role: 'approver', team: 'others' })
    const owner = await logIn(field.crew, { name: 'platform', role: 'approver', team: 'default' })
    const tokens = { approver, viewer, stranger, owner }
    const all = random.shuffled(Object.entries(attempts))
    return {
      round: async ({ round }) => {
        const [name, attempt] = all[round % all.length] ?? []
        if (name === undefined || attempt === undefined) return []
        return [await tryOne({ field, tokens, target, random }, name, attempt)]
      },
      end: field.stop,
    }
  },
})
