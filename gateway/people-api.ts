// Who comes in, below /api/v1: login and logout, and the people whom admins let in, change and remove.
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { Failure } from '../domain/failure.ts'
import { personName, readableTeam } from '../domain/person.ts'
import { findPerson, invite, listPeople, type PersonRow, removePerson } from '../store/people.ts'
import { closeSession, login } from '../store/session.ts'
import type { PersonView } from '../domain/telling/fleet-view.ts'
import { allow, mayRead } from './allow.ts'
import { dropSession, type GatewayEnv, keepSession, sessionOf } from './auth.ts'
import type { GatewayDeps } from './deps.ts'
import { readInput } from './input.ts'
import { addressOf, loginLimit } from './login-limit.ts'
import { ownPath } from './own-path.ts'
import { frameOf, send, sendProblem } from './pages/frame.ts'
import { invitedPage } from './pages/people.ts'
import { loginPage } from './pages/plain.ts'
import { problemOf } from './problem.ts'
import { publicUrl } from '../runtime/public-url.ts'

export const Nothing = z.strictObject({})
export const Login = z.strictObject({
  code: z.string().max(64),
  kind: z.enum(['cookie', 'cli']).default('cookie'),
  /** A path of ours to go on to; anything else leads to the first page. */
  to: z.string().max(2_000).default('/'),
})
export const Invited = z.strictObject({
  name: z.string().trim().regex(personName, 'lower-case letters, digits, dots, dashes'),
  role: z.enum(['viewer', 'approver', 'admin']),
  team: z
    .string()
    .trim()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and dashes')
    .default('default'),
})

export function peopleApi(deps: GatewayDeps): Hono<GatewayEnv> {
  const limit = loginLimit()
  return new Hono<GatewayEnv>()
    .post('/login', async (c) => {
      const { value, isForm } = await readInput(c, Login)
      const token = await limit
        .tried(addressOf(c, deps.config), deps.now(), () => login(deps.store, value.code, value.kind, deps.now()))
        .catch((error: unknown) => {
          const problem = problemOf(error)
          if (isForm && (problem.code === 'auth.bad-credentials' || problem.code === 'input.too-many')) return problem
          throw error
        })
      // The form again: whoever mistyped a code keeps the page that was asked for.
      if (typeof token !== 'string') return sendProblem(deps, c, token, loginPage(ownPath(value.to), token))
      if (value.kind === 'cli') return c.json({ token })
      keepSession(c, token, deps)
      return isForm ? c.redirect(ownPath(value.to), 303) : c.json({})
    })
    .post('/logout', async (c) => {
      const { isForm } = await readInput(c, Nothing)
      const session = c.get('session')
      if (session !== null) await closeSession(deps.store, session.id)
      dropSession(c)
      return isForm ? c.redirect('/login', 303) : c.json({})
    })
    .get('/people', async (c) => c.json(await peopleFor(deps, c)))
    .post('/people', (c) => letIn(deps, c))
    .post('/people/:name/remove', async (c) => {
      const { isForm } = await readInput(c, Nothing)
      const { person } = sessionOf(c)
      const name = c.req.param('name')
      const found = await findPerson(deps.store, name)
      if (found === null || !mayRead(person, found.team)) throw nobody(name)
      await allow(deps, { person, act: 'remove', team: found.team, name }, `person:${name}`)
      if (!(await removePerson(deps.store, name, person.name, deps.now()))) throw nobody(name)
      return isForm ? c.redirect('/people?said=removed', 303) : c.json({ removed: name })
    })
}

/** The people of one's own team; an admin sees everybody. */
export async function peopleFor(deps: GatewayDeps, c: Context<GatewayEnv>): Promise<readonly PersonView[]> {
  const people = await listPeople(deps.store, readableTeam(sessionOf(c).person), deps.now())
  return people.map(viewOf)
}

function viewOf({ createdAt, lastSeenAt, ...row }: PersonRow): PersonView {
  return { ...row, createdAt: createdAt.toISOString(), lastSeenAt: lastSeenAt?.toISOString() ?? null }
}

async function letIn(deps: GatewayDeps, c: Context<GatewayEnv>): Promise<Response> {
  const { value, isForm } = await readInput(c, Invited)
  const session = sessionOf(c)
  const { name, team } = value
  await allow(deps, { person: session.person, act: 'invite', team, name }, `person:${name}`)
  const invited = { ...value, ...(await invite(deps.store, value, session, deps.now())) }
  if (!isForm) return c.json(invited)
  // The code stands in no address and in no history: this page is the only place that shows it.
  return send(c, invitedPage(invited, publicUrl(deps.config)), await frameOf(deps, c))
}

function nobody(name: string): Failure {
  return new Failure({
    code: 'input.not-found',
    message: `There is nobody called ${name.slice(0, 63)}.`,
    hint: 'List them with: npx millwright person list',
  })
}
