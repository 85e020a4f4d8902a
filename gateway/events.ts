// Live events for pages and `--watch`: what was written to a timeline or by a run, as server-sent events. One query
// loop serves everybody.
import { Hono } from 'hono'
import { type SSEStreamingApi, streamSSE } from 'hono/streaming'
import { Failure } from '../domain/failure.ts'
import { changesSince, type ChangeEvent } from '../store/view/changes.ts'
import { type Person, readableTeam } from '../domain/person.ts'
import { type Session, sessionNow } from '../store/session.ts'
import { type GatewayEnv, sessionOf } from './auth.ts'
import type { GatewayDeps } from './deps.ts'

/** More listeners are refused: each holds a connection. */
const maximumListeners = 64
/** Of one person, so that a few cannot take the places of all. */
const maximumOwn = 16
/** How often SQL is asked while somebody listens, milliseconds. */
const everyMilliseconds = 400
/** A proxy ends a connection that says nothing for longer, milliseconds. */
const heartbeatMilliseconds = 15_000
/** Who asks for older events than this is told to read everything anew, milliseconds. */
const longestResume = 10 * 60_000
/** Transactions become visible a little after the moment that they wrote down. */
const overlapMilliseconds = 5_000
/** Events that one listener has not taken yet; more, and it is told to read everything anew. */
const maximumBacklog = 500

type Listener = {
  readonly person: string
  readonly incident: string | null
  /** Whose events it hears; null: every team's. */
  readonly team: string | null
  readonly take: (event: ChangeEvent) => void
}

/**
 * `GET /` as an event stream; `?incident=12` for one incident, `?since=` what a page shows already. Mounted at
 * `/api/v1/events`.
 */
export function events(deps: GatewayDeps): Hono<GatewayEnv> {
  const listeners = new Set<Listener>()
  const watch = watcher(deps, listeners)
  return new Hono<GatewayEnv>().get('/', async (c) => {
    const session = sessionOf(c)
    // Nobody would ever read that stream, so it would never end.
    if (c.req.method === 'HEAD') return c.body(null, 200, { 'content-type': 'text/event-stream' })
    const { person } = session
    const own = [...listeners].filter((one) => one.person === person.name).length
    if (own >= maximumOwn || listeners.size >= maximumListeners) {
      throw new Failure({
        code: 'input.too-many',
        message: `${own >= maximumOwn ? `${own} of your` : listeners.size} listeners are connected already.`,
        hint: 'Close pages that are not looked at; they work without live events too.',
      })
    }
    const since = resumeFrom(c.req.header('last-event-id') ?? c.req.query('since'), deps.now())
    const incident = c.req.query('incident') ?? null
    c.header('x-accel-buffering', 'no')
    return streamSSE(c, async (stream) => {
      const queue = queueOf(incident, person)
      listeners.add(queue)
      stream.onAbort(queue.wake)
      try {
        if (since === 'too-old') await stream.writeSSE({ event: 'reset', data: '{}' })
        await watch()
        if (since instanceof Date) await catchUp(deps, since, queue)
        await deliver(deps, stream, queue, session)
      } finally {
        listeners.delete(queue)
      }
    })
  })
}

type Queue = Listener & {
  readonly backlog: ChangeEvent[]
  readonly wake: () => void
  /** Until there is something to do, or it is time for a heartbeat. */
  readonly wait: () => Promise<void>
}

function queueOf(incident: string | null, person: Person): Queue {
  const backlog: ChangeEvent[] = []
  let waiting = Promise.withResolvers<void>()
  const wake = (): void => waiting.resolve()
  const wait = async (): Promise<void> => {
    const timer = setTimeout(wake, heartbeatMilliseconds)
    await waiting.promise
    clearTimeout(timer)
    waiting = Promise.withResolvers<void>()
  }
  const take = (event: ChangeEvent): void => {
    // One more than the limit says all that there is to say: read everything anew.
    if (backlog.length <= maximumBacklog) backlog.push(event)
    wake()
  }
  return { incident, person: person.name, team: readableTeam(person), backlog, take, wake, wait }
}

/** Null: nothing was seen before. */
function resumeFrom(id: string | undefined, now: Date): Date | 'too-old' | null {
  const [moment = ''] = (id ?? '').split('/')
  const at = Date.parse(moment)
  if (Number.isNaN(at)) return null
  return now.getTime() - at > longestResume ? 'too-old' : new Date(at)
}

async function catchUp({ store }: GatewayDeps, since: Date, listener: Listener): Promise<void> {
  for (const event of await changesSince(store, since)) if (concerns(event, listener)) listener.take(event)
}

function concerns(event: ChangeEvent, { incident, team }: Listener): boolean {
  if (team !== null && event.team !== null && event.team !== team) return false
  return incident === null || event.incident === null || String(event.incident) === incident || event.id === incident
}

/** Until it is closed, or its login has ended or reads another team now: the page then asks again who it is. */
async function deliver(
  { store, now }: GatewayDeps,
  stream: SSEStreamingApi,
  { backlog, wait, team }: Queue,
  { id }: Session,
): Promise<void> {
  while (!stream.aborted && !stream.closed) {
    const session = await sessionNow(store, id, now())
    if (session === null || readableTeam(session.person) !== team) return
    const events = backlog.splice(0)
    if (events.length > maximumBacklog) await stream.writeSSE({ event: 'reset', data: '{}' })
    else if (events.length === 0) await stream.write(': listening\n\n')
    else
      for (const event of events)
        await stream.writeSSE({ event: 'changed', id: event.key, data: JSON.stringify({ ...event, team: undefined }) })
    if (backlog.length === 0) await wait()
  }
}

/** What was handed on already, within the overlap. */
type Window = { readonly since: Date; readonly keys: ReadonlySet<string> }

/**
 * Makes sure that the one loop runs; resolved once it knows what was there before. It ends when nobody listens any
 * more.
 */
function watcher(deps: GatewayDeps, listeners: ReadonlySet<Listener>): () => Promise<void> {
  let started: Promise<Window> | null = null
  const loop = async (first: Window): Promise<void> => {
    let window = first
    do {
      await new Promise((resolve) => setTimeout(resolve, everyMilliseconds))
      window = await look(deps, window, listeners).catch((error: unknown) => {
        deps.log.warn({ error }, 'live events wait for the database')
        return window
      })
    } while (listeners.size > 0)
    started = null
  }
  return async () => {
    if (started !== null) return void (await started)
    started = look(deps, { since: deps.now(), keys: new Set() }, new Set())
    try {
      void loop(await started)
    } catch (error) {
      started = null
      throw error
    }
  }
}

/** Hands on what is new, and answers what to compare the next look with. */
async function look({ store, now }: GatewayDeps, before: Window, to: Iterable<Listener>): Promise<Window> {
  const asked = now()
  const changes = await changesSince(store, new Date(before.since.getTime() - overlapMilliseconds))
  const fresh = changes.filter((change) => !before.keys.has(change.key))
  for (const listener of to) for (const change of fresh) if (concerns(change, listener)) listener.take(change)
  return { since: asked, keys: new Set(changes.map((change) => change.key)) }
}
