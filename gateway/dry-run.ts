// POST /api/v1/dry-runs: a person has an alert looked into without the right to act. It is an incident of its own,
// which no alert of a source ever joins.
import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import { z } from 'zod'
import type { Alert } from '../domain/alert.ts'
import { Failure } from '../domain/failure.ts'
import type { Person } from '../domain/person.ts'
import type { LoadedSource } from '../integrations/load.ts'
import { publicUrl } from '../runtime/public-url.ts'
import { sha256 } from '../runtime/digest.ts'
import { countDryRuns } from '../store/dry-run.ts'
import { allow, mayRead } from './allow.ts'
import type { AppDeps } from './app.ts'
import { type GatewayEnv, person } from './auth.ts'
import { targeted } from './hooks.ts'
import { readInput } from './input.ts'
import { redactDelivery, redactPointer } from './redact-delivery.ts'

export const DryRun = z.strictObject({ source: z.string().min(1).max(63), delivery: z.looseObject({}) })

/** Of all people together: each looks at a host, and may ask a model. */
const maximumOpen = 5

type Begun = { readonly incident: number; readonly url: string }

export function dryRuns(deps: AppDeps): Hono<GatewayEnv> {
  return new Hono<GatewayEnv>().post('/dry-runs', async (c) => {
    const { value } = await readInput(c, DryRun)
    return c.json(await beginDryRun(deps, person(c), value), 202)
  })
}

/**
 * Throws `input.unknown-source`, `policy.forbidden`, `input.invalid-payload` where it holds no alert that fires or is
 * about several hosts, `input.too-many` and `store.unavailable`.
 */
async function beginDryRun(deps: AppDeps, who: Person, { source: name, delivery }: z.infer<typeof DryRun>) {
  const source = deps.sources.get(name)
  if (source === undefined || !mayRead(who, source.team)) {
    const hint = 'List them with: npx millwright source list'
    throw new Failure({ code: 'input.unknown-source', message: 'There is no source of this name.', hint })
  }
  await allow(deps, { person: who, act: 'dry-run', team: source.team }, `source:${name}`)
  const { groupKey: group, alerts } = firingIn(source, delivery)
  if ((await countDryRuns(deps.store)) >= maximumOpen) {
    const message = `${maximumOpen} dry runs are under way: wait until one of them is over.`
    throw new Failure({ code: 'input.too-many', message })
  }
  const text = JSON.stringify(delivery)
  const safe = redactDelivery(text, { groupKey: group, alerts })
  // Never twice the same, so that nothing joins it and it joins nothing.
  const groupKey = `dry run ${randomUUID()}`
  const placed = alerts.map((alert, at) => targeted(deps, source, alert, safe.alerts[at] ?? alert))
  const hosts = new Set(placed.map(({ host }) => host?.name ?? 'no host of the inventory'))
  if (hosts.size > 1) {
    throw notOne(`It is about ${[...hosts].slice(0, 5).join(', ')}: leave the alerts of one of them, and no others.`)
  }
  const { incidents } = await deps.inbox.record({
    source: name,
    team: source.team,
    environment: source.environment,
    groupKey,
    groupKeyKept: safe.groupKey,
    truncated: 0,
    bodyDigest: sha256(`${groupKey} ${text}`),
    body: safe.body,
    alerts: placed,
    traceparent: null,
    receivedAt: deps.now(),
    dryRun: { person: who.name },
  })
  const number = incidents[0]?.number ?? 0
  return { incident: number, url: `${publicUrl(deps.config)}/incidents/${number}` } satisfies Begun
}

type Firing = { readonly groupKey: string; readonly alerts: readonly Alert[] }

function firingIn(source: LoadedSource, delivery: unknown): Firing {
  const parsed = source.parse(delivery)
  switch (parsed.kind) {
    case 'invalid':
      throw notOne(`${redactPointer(parsed.pointer)}: ${parsed.says}`)
    case 'test':
    case 'ignored':
      throw notOne(parsed.says)
    case 'alerts': {
      const alerts = parsed.alerts.filter(({ status }) => status === 'firing')
      if (alerts.length === 0) throw notOne('None of its alerts fires: there is nothing to look into.')
      return { groupKey: parsed.groupKey, alerts }
    }
  }
}

function notOne(message: string): Failure {
  return new Failure({ code: 'input.invalid-payload', message })
}
