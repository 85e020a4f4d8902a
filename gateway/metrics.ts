// `GET /metrics`, for a Prometheus that shows the credential of the config: counters, how things stand, this process.
// docs/metrics.md says what each means; a test compares the two.
import { type Handler, Hono } from 'hono'
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'
import { incidentMoves } from '../domain/incident.ts'
import { sameSecret } from '../runtime/same-secret.ts'
import { type Gauges, readGauges } from '../store/gauges.ts'
import { type Count, readCounts } from '../store/tally.ts'
import type { GatewayDeps } from './deps.ts'
import { answerProblem } from './problem.ts'

type MetricsDeps = Pick<GatewayDeps, 'store' | 'config' | 'secret'>

/** By the name that `counted` gives them in SQL; the labels in its order. */
const counters: Readonly<Record<string, { readonly name: string; readonly help: string; readonly labels: string[] }>> =
  {
    deliveries: { name: 'deliveries', help: 'Requests of sources.', labels: ['source', 'result'] },
    alerts: { name: 'alerts', help: 'Alerts taken in.', labels: ['source', 'status'] },
    opened: { name: 'incidents_opened', help: 'Incidents opened.', labels: ['source'] },
    reopened: { name: 'incidents_reopened', help: 'Incidents opened again.', labels: [] },
    closed: { name: 'incidents_closed', help: 'Incidents closed.', labels: ['reason'] },
    'handed-over': { name: 'incidents_handed_over', help: 'Hand-overs to people.', labels: ['reason'] },
    plans: { name: 'plans', help: 'Plans that policy judged.', labels: ['playbook', 'verdict'] },
    decisions: { name: 'decisions', help: 'Decisions that took effect or became void.', labels: ['verdict'] },
    runs: { name: 'runs', help: 'Runs that ended.', labels: ['playbook', 'state'] },
  }

const histograms = {
  first_probe_seconds: 'From the opening of an incident to its first evidence.',
  plan_seconds: 'From the beginning of an episode to its first plan.',
  recovery_seconds: 'From the beginning of an episode to its recovery.',
}

/** The limits of `bucket_of` in SQL. */
const bucketLimits = ['0.5', '1', '2', '5', '10', '30', '60', '120', '300', '600', '1800', '3600']

/** The library's names for these break Prometheus's own rules: gauges that end in `_total`. */
const leftOut = ['handles', 'requests', 'resources'].flatMap((of) => [
  `nodejs_active_${of}`,
  `nodejs_active_${of}_total`,
])

/** The route; closed unless the config names `telemetry.scrape`. */
export function metrics(deps: MetricsDeps): Hono {
  const app = new Hono()
  const scrape = deps.config.telemetry?.scrape
  app.get('/metrics', scrape === undefined ? closed : open(deps, scrape.bearer))
  return app
}

const closed: Handler = (c) =>
  answerProblem(c, {
    code: 'input.not-found',
    message: 'The metrics page is closed: the config names no credential for it.',
    hint: 'The config line that allows it: telemetry: { scrape: { bearer: "file:/path/of/token" } }',
  })

function open(deps: MetricsDeps, reference: string): Handler {
  const own = new Registry()
  collectDefaultMetrics({ register: own })
  for (const name of leftOut) own.removeSingleMetric(name)
  let underWay: Promise<string> | null = null
  return async (c) => {
    const [, given = ''] = /^Bearer +(\S{1,1000}) *$/i.exec(c.req.header('authorization') ?? '') ?? []
    if (!sameSecret(given, deps.secret(reference)))
      return answerProblem(c, {
        code: 'auth.bad-credentials',
        message: 'The metrics page needs the bearer token that telemetry.scrape names.',
        hint: null,
      })
    // Whoever asks meanwhile gets the same answer: the database is asked once at a time.
    underWay ??= page(deps, own).finally(() => {
      underWay = null
    })
    return c.body(await underWay, 200, { 'content-type': own.contentType })
  }
}

async function page({ store }: MetricsDeps, own: Registry): Promise<string> {
  const [counts, gauges] = await Promise.all([readCounts(store), readGauges(store)])
  const registry = new Registry()
  addCounters(registry, counts)
  addGauges(registry, gauges)
  const counted = Object.entries(histograms).map(([metric, help]) => histogramText(metric, help, counts))
  return [await registry.metrics(), ...counted, await own.metrics()].join('\n')
}

function addCounters(registry: Registry, counts: readonly Count[]): void {
  for (const [metric, { name, help, labels }] of Object.entries(counters)) {
    const counter = new Counter({ name: `millwright_${name}_total`, help, labelNames: labels, registers: [registry] })
    for (const count of counts.filter((one) => one.metric === metric))
      counter.inc(Object.fromEntries(labels.map((label, at) => [label, count.labels[at] ?? ''])), count.value)
  }
}

/** Printed here: the library's histogram takes observations only, and ours comes counted by bucket. */
function histogramText(metric: string, help: string, counts: readonly Count[]): string {
  const name = `millwright_${metric}`
  const valueOf = (of: string, label?: string) =>
    counts.find((one) => one.metric === of && one.labels[0] === label)?.value ?? 0
  let below = 0
  const buckets = [...bucketLimits, '+Inf'].map((le) => {
    below += valueOf(metric, le)
    return `${name}_bucket{le="${le}"} ${below}\n`
  })
  const sum = `${name}_sum ${valueOf(`${metric}_sum`)}\n${name}_count ${below}\n`
  return `# HELP ${name} ${help}\n# TYPE ${name} histogram\n${buckets.join('')}${sum}`
}

function addGauges(registry: Registry, { open: incidents, dispatch, outbox, stopped }: Gauges): void {
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `millwright_${name}`, help, labelNames, registers: [registry] })
  const byState = gauge('incidents_open', 'Incidents that are not closed.', ['state'])
  for (const state of Object.keys(incidentMoves).filter((one) => one !== 'closed'))
    byState.set({ state }, incidents.find((one) => one.state === state)?.incidents ?? 0)
  gauge('dispatch_waiting', 'Changes that workflows are still to be told.').set(dispatch.waiting)
  gauge('dispatch_oldest_seconds', 'Age of the oldest of them.').set(dispatch.oldestSeconds)
  gauge('outbox_waiting', 'Messages to people that are still to be sent.').set(outbox.waiting)
  gauge('outbox_oldest_seconds', 'Age of the oldest of them.').set(outbox.oldestSeconds)
  gauge('stopped', '1 while the kill switch is set.').set(stopped ? 1 : 0)
}
