// Who asks: a cookie from the login form, or the command line's token. Nothing but the login is answered to nobody.
import type { Context, MiddlewareHandler } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { Failure } from '../domain/failure.ts'
import { sha256 } from '../runtime/digest.ts'
import type { Person } from '../domain/person.ts'
import { findSession, type Session, sessionNow } from '../store/session.ts'
import type { GatewayDeps } from './deps.ts'
import { loginAddress, ownPath } from './own-path.ts'
import { publicUrl } from '../runtime/public-url.ts'

/**
 * `c.get('session')` is the session behind a request; only public paths have none. `sessionNow`: the same one as it is
 * at this moment; null once it has ended.
 */
export type GatewayEnv = {
  Variables: { session: Session | null; sessionNow: (session: Session) => Promise<Session | null> }
}

type AuthDeps = Pick<GatewayDeps, 'store' | 'config' | 'now'>

const cookieName = 'millwright'
const publicPaths = new Set(['/login', '/api/v1/login', '/healthz', '/favicon.ico'])
const loopback = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/

/** Stands before API and pages: host, session, and for whatever changes something, where it comes from. */
export function guard(deps: AuthDeps): MiddlewareHandler<GatewayEnv> {
  const own = new URL(publicUrl(deps.config))
  return async (c, next) => {
    const host = c.req.header('host') ?? new URL(c.req.url).host
    if (host !== own.host && !loopback.test(host)) throw badOrigin('This name is not ours.', own.origin)
    // The database holds no zero character and fails on one; so nothing of that name can be there.
    if (c.req.url.includes('%00')) throw new Failure({ code: 'input.not-found', message: 'Nothing has such a name.' })
    const session = await sessionBehind(deps, c)
    c.set('session', session)
    c.set('sessionNow', ({ id }) => sessionNow(deps.store, id, deps.now()))
    const isPublic = publicPaths.has(c.req.path) || c.req.path.startsWith('/assets/')
    if (session === null && !isPublic) {
      if (c.req.method === 'GET' && !c.req.path.startsWith('/api/')) return toLogin(c)
      throw loginMissing()
    }
    if (!['GET', 'HEAD'].includes(c.req.method) && (session === null || session.kind === 'cookie'))
      checkOrigin(c, own, host)
    await next()
    return undefined
  }
}

/**
 * To the login, and from there on to what was asked for. A browser that follows a link of a chat or a mail sends no
 * strict cookie, so it is asked to come again by itself first: then it sends what it has.
 */
function toLogin(c: Context): Response {
  const { pathname, search } = new URL(c.req.url)
  const wanted = ownPath(`${pathname}${search}`)
  const site = c.req.header('sec-fetch-site')
  if (site !== 'cross-site' && site !== 'same-site') return c.redirect(loginAddress(wanted), 303)
  c.header('refresh', `0; url=${wanted}`)
  c.header('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
  c.header('cache-control', 'no-store')
  return c.body('One moment.', 200, { 'content-type': 'text/plain; charset=utf-8' })
}

async function sessionBehind({ store, now }: AuthDeps, c: Context): Promise<Session | null> {
  const [, bearer] = /^Bearer +(\S{1,200}) *$/i.exec(c.req.header('authorization') ?? '') ?? []
  const token = bearer ?? getCookie(c, cookieName)
  if (token === undefined) return null
  const session = await findSession(store, token, now())
  // A token counts only in the place that it was made for.
  return session !== null && (session.kind === 'cookie') === (bearer === undefined) ? session : null
}

/**
 * Forms are posted by our own pages; a program that logs in sends JSON, which no foreign page can without asking first.
 */
function checkOrigin(c: Context, own: URL, host: string): void {
  const origin = c.req.header('origin')
  if (origin === own.origin || origin === `http://${host}` || origin === `https://${host}`) return
  const isJson = (c.req.header('content-type') ?? '').startsWith('application/json')
  if (origin === undefined && isJson && c.req.path === '/api/v1/login') return
  throw badOrigin('This form was not sent by a page of ours.', own.origin)
}

function badOrigin(message: string, origin: string): Failure {
  return new Failure({
    code: 'auth.bad-origin',
    message,
    hint: `Open ${origin}, or set \`url\` in the config to the address that you use.`,
  })
}

function loginMissing(): Failure {
  return new Failure({
    code: 'auth.missing',
    message: 'Log in first.',
    hint: 'Pages: /login. Commands: npx millwright login <code>.',
  })
}

/** Puts a new session's token into the browser. */
export function keepSession(c: Context, token: string, { config }: Pick<GatewayDeps, 'config'>): void {
  const secure = publicUrl(config).startsWith('https:')
  setCookie(c, cookieName, token, { httpOnly: true, sameSite: 'Strict', path: '/', secure, maxAge: 12 * 3_600 })
}

export function dropSession(c: Context): void {
  setCookie(c, cookieName, '', { httpOnly: true, sameSite: 'Strict', path: '/', maxAge: 0 })
}

/** What every form of this session carries. */
export function formNonce({ id }: Session): string {
  return sha256(`form ${id}`)
}

/** Gives each form of a page the session's nonce, so that no page can forget it. */
export const nonces: MiddlewareHandler<GatewayEnv> = async (c, next) => {
  await next()
  const session = c.get('session')
  if (session === null || session === undefined) return
  if (!(c.res.headers.get('content-type') ?? '').startsWith('text/html')) return
  const field = `<input type="hidden" name="nonce" value="${formNonce(session)}">`
  const page = await c.res.text()
  c.res = new Response(
    page.replaceAll(/<form method="post"[^>]*>/g, (form) => form + field),
    c.res,
  )
}

/** A body may take long to arrive: whoever was removed or changed meanwhile sent it as who they are now. */
export async function lookAgain(c: Context<GatewayEnv>): Promise<void> {
  const session = c.get('session')
  if (session === null) return
  const again = await c.get('sessionNow')(session)
  if (again === null) throw loginMissing()
  c.set('session', again)
}

/** The session, where there must be one. */
export function sessionOf(c: Context<GatewayEnv>): Session {
  const session = c.get('session')
  if (session !== null) return session
  throw loginMissing()
}

/** Whose request it is, where it must be somebody's. */
export function person(c: Context<GatewayEnv>): Person {
  return sessionOf(c).person
}
