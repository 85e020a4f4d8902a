// Everything that people can change, under /api/v1. Each is a POST of a person whom policy lets do it, and stands in
// the audit.
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { Failure } from '../domain/failure.ts'
import type { InventoryHost } from '../domain/inventory.ts'
import { type Person, readableTeam } from '../domain/person.ts'
import type { Act } from '../policies/evaluate.ts'
import { redactText } from '../runtime/redaction.ts'
import { quarantineHost, releaseHost } from '../store/quarantine.ts'
import { readStopper, setSwitch } from '../store/switch.ts'
import { findIncident } from '../store/view/incident-row.ts'
import { closeByPerson } from '../workflows/messages.ts'
import { allow, mayRead } from './allow.ts'
import { askMore } from './ask-more.ts'
import { type GatewayEnv, person, sessionOf } from './auth.ts'
import { decidePlan } from './decisions.ts'
import type { GatewayDeps } from './deps.ts'
import { readInput } from './input.ts'
import { liftBudget } from './lift-budget.ts'
import { snooze } from './snooze.ts'
import { tellWorkflow } from './tell-workflow.ts'

/** Longest text that a person may give as reason. Everybody reads it, so what was pasted by mistake is taken out. */
const Says = z.string().trim().max(500).overwrite(redactText)
export const Decide = z.strictObject({
  id: z.string().regex(/^dec_[0-9a-f-]{36}$/, 'the form’s own id: dec_ and a uuid'),
  verdict: z.enum(['approve', 'reject', 'take-over']),
  reason: Says.default(''),
})
export const AskMore = z.strictObject({ reason: Says.default('') })
/** Long enough to matter, short enough that nothing is forgotten. */
export const Snooze = z.strictObject({ minutes: z.coerce.number().int().min(5).max(60) })
export const Close = z.strictObject({ says: Says.min(1, 'what became of it') })
export const Because = z.strictObject({ says: Says.min(1, 'why') })
/** What one form may add at most, dollars. */
const largestLift = 1_000
export const Lift = z.strictObject({
  id: z.string().regex(/^lift_[0-9a-f-]{36}$/, 'the form’s own id: lift_ and a uuid'),
  dollars: z.coerce.number().min(0.01).max(largestLift),
  reason: Says.default(''),
})
export const Switch = z.strictObject({ says: Says.default('') })

export function writeApi(deps: GatewayDeps): Hono<GatewayEnv> {
  return new Hono<GatewayEnv>()
    .post('/plans/:digest/decisions', async (c) => {
      const { value, isForm } = await readInput(c, Decide)
      const decided = await decidePlan(deps, sessionOf(c), { ...value, digest: c.req.param('digest') })
      return isForm ? c.redirect(`/incidents/${decided.incident}?said=${value.verdict}`, 303) : c.json(decided)
    })
    .post('/plans/:digest/ask-more', async (c) => {
      const { value, isForm } = await readInput(c, AskMore)
      const asked = await askMore(deps, sessionOf(c), { digest: c.req.param('digest'), says: value.reason })
      return isForm ? c.redirect(`/incidents/${asked.incident}/approve?said=ask-more`, 303) : c.json(asked)
    })
    .post('/incidents/:number/close', (c) => close(deps, c, c.req.param('number')))
    .post('/incidents/:number/snooze', async (c) => {
      const { value, isForm } = await readInput(c, Snooze)
      const snoozed = await snooze(deps, person(c), c.req.param('number'), value.minutes)
      return isForm ? c.redirect(`/incidents/${snoozed.incident}?said=snooze`, 303) : c.json(snoozed)
    })
    .post('/incidents/:number/budget', async (c) => {
      const { value, isForm } = await readInput(c, Lift)
      const lifted = await liftBudget(deps, person(c), c.req.param('number'), value)
      return isForm ? c.redirect(`/incidents/${lifted.incident}?said=lift-budget`, 303) : c.json(lifted)
    })
    .post('/hosts/:host/quarantine', (c) => quarantine(deps, c, 'quarantine'))
    .post('/hosts/:host/release', (c) => quarantine(deps, c, 'release'))
    .post('/stop', (c) => turn(deps, c, 'stop'))
    .post('/resume', (c) => turn(deps, c, 'resume'))
}

async function turn(deps: GatewayDeps, c: Context<GatewayEnv>, act: 'stop' | 'resume'): Promise<Response> {
  const { value, isForm } = await readInput(c, Switch)
  const who = person(c)
  const stopper = act === 'resume' ? await readStopper(deps.store) : null
  const question: Act = act === 'stop' ? { act } : { act, stoppedBy: stopper?.by ?? who.name }
  await allow(deps, { person: who, ...question, team: stopper?.team ?? who.team }, 'kill-switch')
  const says = value.says === '' ? 'by hand' : value.says
  await setSwitch(deps.store, { stopped: act === 'stop', by: who.name, team: who.team, says, at: deps.now() })
  return isForm ? c.redirect(`/?said=${act}`, 303) : c.json({ stopped: act === 'stop', by: who.name, says })
}

async function close(deps: GatewayDeps, c: Context<GatewayEnv>, reference: string): Promise<Response> {
  const { value, isForm } = await readInput(c, Close)
  const who = person(c)
  const incident = await findIncident(deps.store, reference, { team: readableTeam(who) })
  await allow(deps, { person: who, act: 'close', team: incident.team }, incident.id)
  if (incident.state === 'closed')
    throw new Failure({ code: 'conflict.already-decided', message: 'It is closed already.' })
  const message = { person: who.name, says: value.says }
  const told = await tellWorkflow(deps, incident.id, (handle) =>
    handle.executeUpdate(closeByPerson, { args: [message] }),
  )
  if (told.kind === 'refused') throw new Failure({ code: told.code, message: told.says })
  if (told.kind === 'not-delivered') {
    deps.log.warn({ error: told.error, incident: incident.id }, 'closing could not be delivered')
    throw new Failure({
      code: 'conflict.not-delivered',
      message: 'Nobody confirmed it: the incident may be closed later because of it, or stay open.',
      hint: 'Look again before you repeat it.',
    })
  }
  return isForm
    ? c.redirect(`/incidents/${incident.number}?said=close`, 303)
    : c.json({ closed: Number(incident.number) })
}

/** Takes a host out of reach for every change, or lets it be changed again. */
async function quarantine(deps: GatewayDeps, c: Context<GatewayEnv>, act: 'quarantine' | 'release'): Promise<Response> {
  const { value, isForm } = await readInput(c, Because)
  const who = person(c)
  const { id: host, name, team, environment } = hostNamed(deps, c.req.param('host') ?? '', who)
  await allow(deps, { person: who, act, team }, `host:${host}`)
  const change = { host, team, environment, because: value.says, actor: `person:${who.name}`, at: deps.now() }
  const done = await (act === 'release' ? releaseHost(deps.store, change) : quarantineHost(deps.store, change))
  if (!done) {
    const says = act === 'release' ? `${name} is not in quarantine.` : `${name} is in quarantine already.`
    throw new Failure({ code: 'conflict.already-decided', message: says, hint: 'Look at the hosts again.' })
  }
  return isForm ? c.redirect(`/hosts?said=${act}`, 303) : c.json({ host, quarantined: act === 'quarantine' })
}

function hostNamed(deps: GatewayDeps, name: string, who: Person): InventoryHost {
  const found = deps.inventory().hosts.find((one) => (one.id === name || one.name === name) && mayRead(who, one.team))
  if (found !== undefined) return found
  throw new Failure({
    code: 'input.not-found',
    message: `The inventory holds no host ${name.slice(0, 63)}.`,
    hint: 'List them with: npx millwright host list',
  })
}
