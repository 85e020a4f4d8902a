// What surrounds a page: who looks at it, how Millwright stands, and the headers that keep outside text from being more
// than text.
import type { Context, MiddlewareHandler } from 'hono'
import { failureCodes } from '../../domain/failure.ts'
import type { SystemStatus } from '../../domain/telling/fleet-view.ts'
import type { Viewer } from '../../domain/telling/view.ts'
import { systemStatus } from '../../store/view/status.ts'
import type { GatewayEnv } from '../auth.ts'
import type { GatewayDeps } from '../deps.ts'
import { loginAddress } from '../own-path.ts'
import { zoneOf } from '../place.ts'
import { sightOf } from '../sight.ts'
import { type Problem, retryAfterSeconds } from '../problem.ts'
import { type Frame, layout, type Page } from './layout.ts'
import { problemPage } from './plain.ts'
import { reveal } from './reveal.ts'

const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** No inline script, no frame, no guessed types, nothing kept by a proxy. */
export const protect: MiddlewareHandler<GatewayEnv> = async (c, next) => {
  await next()
  c.header('content-security-policy', policy)
  c.header('x-content-type-options', 'nosniff')
  c.header('referrer-policy', 'same-origin')
  c.header('cache-control', 'no-store')
}

export async function statusOf(deps: GatewayDeps, c: Context<GatewayEnv>): Promise<SystemStatus> {
  return systemStatus(deps.store, sightOf(deps, c))
}

export async function frameOf(deps: GatewayDeps, c: Context<GatewayEnv>): Promise<Frame> {
  const viewer = viewerOf(c)
  const look = { now: deps.now(), zone: zoneOf(deps.config) }
  // What stands there belongs to people: nobody is told.
  const status = viewer === null ? null : await statusOf(deps, c)
  return { look, viewer, status, said: saidOf(c) }
}

/** Null before login, and for a request that was refused before anybody asked whose it is. */
function viewerOf(c: Context<GatewayEnv>): Viewer | null {
  return c.get('session')?.person ?? null
}

/** What a form did, by the word that the write API answers with: the address itself never holds a sentence. */
const sentences: Readonly<Record<string, string>> = {
  approve: 'Approved once. It runs as shown, or not at all.',
  reject: 'Rejected. Nothing runs.',
  'take-over': 'You have it. Millwright changes nothing here any more.',
  'ask-more': 'Looked at anew. The plan that waited is dropped; what is planned now asks anew.',
  snooze: 'The reminder comes later. What waits still expires when it would have.',
  'lift-budget': 'Lifted. The investigation goes on where it paused, up to what you named.',
  close: 'Closed.',
  quarantine: 'In quarantine. Nothing changes on it until a person releases it.',
  release: 'Released. It may be changed again, each change under its rules.',
  removed: 'Removed. Every login of theirs has ended.',
  stop: 'Stopped. No new change starts; running ones are cancelled.',
  resume: 'Resumed. Changes may start again, each under its rules.',
}

function saidOf(c: Context<GatewayEnv>): string | null {
  const word = c.req.query('said') ?? ''
  return Object.hasOwn(sentences, word) ? (sentences[word] ?? null) : null
}

export function mayDecide(viewer: Viewer | null): boolean {
  return viewer !== null && viewer.role !== 'viewer'
}

/** Renders it; the last step shows what no eye would see. */
export async function send(c: Context<GatewayEnv>, page: Page, frame: Frame): Promise<Response> {
  return c.html(reveal(String(await layout(page, frame))))
}

/** The page of ours whose form or link this was. */
function cameFrom(c: Context<GatewayEnv>): string | null {
  const from = URL.parse(c.req.header('referer') ?? '')
  return from?.host === c.req.header('host') ? `${from?.pathname}${from?.search}` : null
}

/** A page for what went wrong, also when the store is what went wrong. `page`: one that leads on better than ours. */
export async function sendProblem(
  deps: GatewayDeps,
  c: Context<GatewayEnv>,
  problem: Problem,
  page?: Page,
): Promise<Response> {
  const status = failureCodes[problem.code].http
  const look = { now: deps.now(), zone: zoneOf(deps.config) }
  const frame = { ...(await frameOf(deps, c).catch(() => ({ look, viewer: viewerOf(c), status: null }))), said: null }
  const shown = page ?? problemPage(problem, status, loginAddress(cameFrom(c)))
  const text = reveal(String(await layout(shown, frame)))
  c.header('content-security-policy', policy)
  if (status === 503) c.header('retry-after', String(retryAfterSeconds))
  return c.html(text, status)
}
