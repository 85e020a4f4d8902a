// POST /hooks/v1/<source>: what alerting systems send. Its statuses are what their retry rules understand: 503 is the
// only "again".
import { Hono, type Context } from 'hono'
import type { Alert } from '../domain/alert.ts'
import { Failure } from '../domain/failure.ts'
import { sha256 } from '../runtime/digest.ts'
import type { LoadedSource } from '../integrations/load.ts'
import type { ParsedDelivery } from '../integrations/source.ts'
import { keepDelivery, type LooseDelivery } from '../store/deliveries.ts'
import type { Inbox, Recorded } from '../store/inbox.ts'
import type { IncomingAlert } from '../store/inbox-place.ts'
import { readBody } from './body.ts'
import type { GatewayDeps } from './deps.ts'
import { type Limiter, limiter } from './limiter.ts'
import { answerProblem, problemOf } from './problem.ts'
import { redactBody, redactDelivery, redactPointer } from './redact-delivery.ts'
import { targetIndex } from './targets.ts'

export type HookDeps = Pick<GatewayDeps, 'store' | 'secret' | 'now' | 'log' | 'inventory'> & {
  readonly sources: ReadonlyMap<string, LoadedSource>
  readonly inbox: Inbox
  /** How people reach the pages, without a slash at its end. */
  readonly url: string
}

/**
 * Refused deliveries that are kept per source and minute, those without a credential counted by themselves and kept
 * without their text: they must not fill our disk.
 */
const keptRejections = 60

/** The routes below `/hooks/v1`. */
export function hooks(deps: HookDeps): Hono {
  const mayKeep = limiter(keptRejections, 60_000)
  const app = new Hono()
  app.post('/:source', async (c) => {
    try {
      return await receive(deps, c, mayKeep)
    } catch (error) {
      const problem = problemOf(error)
      if (problem.code === 'bug' || problem.code === 'store.unavailable') deps.log.error({ error }, problem.message)
      // A missing or unreadable secret is ours to repair: the sender shall come back.
      return answerProblem(c, problem.code === 'config.invalid' ? { ...problem, code: 'config.missing' } : problem)
    }
  })
  app.all('/:source', (c) => {
    c.header('Allow', 'POST')
    return c.json({ code: 'input.usage', message: 'Alerts are sent here with POST.', hint: null }, 405)
  })
  return app
}

async function receive(deps: HookDeps, c: Context, mayKeep: Limiter): Promise<Response> {
  const source = sourceNamed(deps, c.req.param('source') ?? '')
  const body = await readBody(c.req.raw, ['application/json'])
  const receivedAt = deps.now()
  const headers = Object.fromEntries(c.req.raw.headers)
  const text = (): string => redactBody(new TextDecoder().decode(body))
  const loose = (result: LooseDelivery['result'], says: string, safe: string): LooseDelivery => {
    const { name, team, environment } = source
    return { source: name, team, environment, receivedAt, bodyDigest: sha256(body), result, says, body: safe }
  }
  const reject = async (problem: Parameters<typeof answerProblem>[1], pointer?: string): Promise<Response> => {
    const stranger = problem.code === 'auth.bad-credentials'
    const keep = mayKeep.take(`${source.name}${stranger ? ' of nobody' : ''}`, receivedAt)
      ? keepDelivery(deps.store, loose('rejected', problem.message, stranger ? '' : text()))
      : undefined
    await keep?.catch((error: unknown) => deps.log.warn({ error }, 'a refused delivery could not be kept'))
    return answerProblem(c, problem, pointer === undefined ? {} : { pointer })
  }

  const verification = source.verify({ headers, body }, deps.secret)
  if (verification.kind === 'refused')
    return reject({ code: 'auth.bad-credentials', message: verification.says, hint: null })
  const parsed = parseBody(source, body)
  switch (parsed.kind) {
    case 'invalid': {
      const pointer = redactPointer(parsed.pointer)
      const message = `${pointer === '' ? 'The body' : pointer}: ${parsed.says}`
      return reject({ code: 'input.invalid-payload', message, hint: null }, pointer)
    }
    case 'test':
    case 'ignored': {
      const delivery = await kept(deps, loose(parsed.kind, parsed.says, text()))
      return c.json({ delivery_id: delivery, result: parsed.kind, says: parsed.says, incidents: [] }, 202)
    }
    case 'alerts': {
      const safe = redactDelivery(new TextDecoder().decode(body), parsed)
      const recorded = await deps.inbox.record({
        source: source.name,
        team: source.team,
        environment: source.environment,
        groupKey: parsed.groupKey,
        groupKeyKept: safe.groupKey,
        truncated: parsed.truncated,
        bodyDigest: sha256(body),
        body: safe.body,
        alerts: parsed.alerts.map((alert, at) => targeted(deps, source, alert, safe.alerts[at] ?? alert)),
        traceparent: traceOf(headers['traceparent']),
        receivedAt,
      })
      return c.json(answerOf(deps.url, recorded), 202)
    }
  }
}

/** W3C's form and nothing else: it goes on into other systems. */
function traceOf(header: string | undefined): string | null {
  return header !== undefined && /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(header) ? header : null
}

async function kept(deps: HookDeps, delivery: LooseDelivery): Promise<string> {
  try {
    return await keepDelivery(deps.store, delivery)
  } catch (cause) {
    throw new Failure({ code: 'store.unavailable', message: 'The delivery could not be recorded.', cause })
  }
}

function sourceNamed({ sources }: HookDeps, name: string): LoadedSource {
  const source = sources.get(name)
  if (source !== undefined) return source
  const shown = /^[a-z0-9][a-z0-9-]{0,62}$/.test(name) ? name : 'my-source'
  const hint = `The config line that allows it: sources: { ${shown}: { use: alertmanager, bearer: "file:/etc/millwright/alertmanager.token" } }`
  if (sources.size === 0)
    throw new Failure({ code: 'config.missing', message: 'No source is configured, so nothing is accepted.', hint })
  throw new Failure({ code: 'input.unknown-source', message: 'No source of this name is configured.', hint })
}

function parseBody(source: LoadedSource, body: Uint8Array): ParsedDelivery {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body))
  } catch {
    return { kind: 'invalid', pointer: '', says: 'expected JSON in UTF-8' }
  }
  return source.parse(json)
}

/** What identifies is compared as it came; `safe` is what is kept of it. */
export function targeted(
  { inventory }: Pick<HookDeps, 'inventory'>,
  source: LoadedSource,
  alert: Alert,
  safe: Alert,
): IncomingAlert {
  const { host, subjects } = targetIndex(inventory()).resolve(alert.labels, source.targets, source.team)
  const known = host === null ? null : { id: host.id, name: host.name, environment: host.environment }
  return { alert: safe, host: known, subjects }
}

function answerOf(url: string, { delivery, result, says, incidents }: Recorded): object {
  const all = incidents.map((incident) => ({
    incident_id: incident.id,
    incident_url: `${url}/incidents/${incident.number}`,
    number: incident.number,
    result: incident.result,
  }))
  const [first] = all
  const one = first === undefined ? {} : { incident_id: first.incident_id, incident_url: first.incident_url }
  return { delivery_id: delivery, result, says, ...one, incidents: all }
}
