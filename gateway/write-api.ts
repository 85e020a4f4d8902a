// Everything that people can change, under /api/v1. Each is a POST of a person whom policy lets do it, and stands in
// the audit.
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { Failure } from '../domain/failure.ts'
import type { PersonQuestion } from '../policies/evaluate.ts'
import { auditRefusal } from '../store/decision.ts'
import { closeSession, createLoginCode, login } from '../store/people.ts'
import { setSwitch } from '../store/switch.ts'
import { findIncident } from '../store/view/incident-row.ts'
import { closeByPerson } from '../workflows/messages.ts'
import { dropSession, type GatewayEnv, keepSession, person } from './auth.ts'
import { decidePlan } from './decisions.ts'
import type { GatewayDeps } from './deps.ts'
import { readInput } from './input.ts'
import { limiter } from './limiter.ts'
import { tellWorkflow } from './tell-workflow.ts'

/** Longest text that a person may give as reason. */
const Says = z.string().trim().max(500)
const Login = z.strictObject({ code: z.string().max(64), kind: z.enum(['cookie', 'cli']).default('cookie') })
const Decide = z.strictObject({
  id: z.string().regex(/^dec_[0-9a-f-]{36}$/, 'the form’s own id: dec_ and a uuid'),
  verdict: z.enum(['approve', 'reject', 'take-over']),
  reason: Says.default(''),
})
const Close = z.strictObject({ says: Says.min(1, 'what became of it') })
const Switch = z.strictObject({ says: Says.default('') })
const NewPerson = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9.@_-]{0,62}$/, 'lower-case letters, digits, dots, dashes'),
  role: z.enum(['viewer', 'approver', 'admin']),
  team: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and dashes')
    .default('default'),
})

/** Tries of one-time codes per minute. */
const loginsPerMinute = 30

export function writeApi(deps: GatewayDeps): Hono<GatewayEnv> {
  const mayTry = limiter(loginsPerMinute, 60_000)
  return new Hono<GatewayEnv>()
    .post('/login', async (c) => {
      const { value, isForm } = await readInput(c, Login)
      if (!mayTry('login', deps.now())) {
        throw new Failure({ code: 'store.unavailable', message: 'Too many codes were tried.', hint: 'Wait a minute.' })
      }
      const token = await login(deps.store, value.code, value.kind, deps.now())
      if (value.kind === 'cli') return c.json({ token })
      keepSession(c, token, deps)
      return isForm ? c.redirect('/', 303) : c.json({})
    })
    .post('/logout', async (c) => {
      const { isForm } = await readInput(c, z.strictObject({}))
      const session = c.get('session')
      if (session !== null) await closeSession(deps.store, session.id)
      dropSession(c)
      return isForm ? c.redirect('/login', 303) : c.json({})
    })
    .post('/people', async (c) => {
      const { value } = await readInput(c, NewPerson)
      if (person(c).role !== 'admin')
        throw new Failure({ code: 'auth.forbidden', message: 'Only an admin lets people in.' })
      return c.json({ ...value, code: await createLoginCode(deps.store, value, deps.now()) })
    })
    .post('/plans/:digest/decisions', async (c) => {
      const { value, isForm } = await readInput(c, Decide)
      const decided = await decidePlan(deps, person(c), { ...value, digest: c.req.param('digest') })
      return isForm ? c.redirect(`/incidents/${decided.incident}?said=${value.verdict}`, 303) : c.json(decided)
    })
    .post('/incidents/:number/close', (c) => close(deps, c, c.req.param('number')))
    .post('/stop', (c) => turn(deps, c, 'stop'))
    .post('/resume', (c) => turn(deps, c, 'resume'))
}

async function turn(deps: GatewayDeps, c: Context<GatewayEnv>, act: 'stop' | 'resume'): Promise<Response> {
  const { value, isForm } = await readInput(c, Switch)
  const who = person(c)
  await allow(deps, { person: who, act, team: who.team, plan: null }, 'kill-switch')
  const says = value.says === '' ? 'by hand' : value.says
  await setSwitch(deps.store, { stopped: act === 'stop', by: who.name, team: who.team, says, at: deps.now() })
  return isForm ? c.redirect(`/?said=${act}`, 303) : c.json({ stopped: act === 'stop', by: who.name, says })
}

async function close(deps: GatewayDeps, c: Context<GatewayEnv>, reference: string): Promise<Response> {
  const { value, isForm } = await readInput(c, Close)
  const who = person(c)
  const incident = await findIncident(deps.store, reference)
  await allow(deps, { person: who, act: 'close', team: incident.team, plan: null }, incident.id)
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

/** Throws `policy.forbidden` with the rule's sentence, and writes down that it was tried. */
async function allow({ store, policies, now }: GatewayDeps, asked: PersonQuestion, subject: string): Promise<void> {
  const { allowed, rule } = policies().mayDecide(asked)
  if (allowed) return
  const { name, team } = asked.person
  const refusal = { at: now(), team, environment: 'default', person: name, act: `${asked.act}.refused`, subject }
  await auditRefusal(store, { ...refusal, code: 'policy.forbidden', says: rule.says })
  throw new Failure({ code: 'policy.forbidden', message: rule.says, hint: `Rule ${rule.id}.` })
}
