// Everything that can be read, as JSON under /api/v1. Nothing in here changes what happens; only who reads a question
// is noted, so that others see it. Each answer holds only what its reader's team may see.
import { type Context, Hono } from 'hono'
import { Failure } from '../domain/failure.ts'
import { handOverMarkdown } from '../domain/telling/hand-over.ts'
import { type IncidentState, incidentMoves } from '../domain/incident.ts'
import type { IncidentList } from '../domain/telling/view.ts'
import { deliveries, sourceList } from '../store/view/sources.ts'
import { evidenceText } from '../store/view/evidence-text.ts'
import { handOver } from '../store/view/hand-over.ts'
import { hostList } from '../store/view/hosts.ts'
import { incidentList } from '../store/view/incident-list.ts'
import { incidentView } from '../store/view/incident.ts'
import { pendingApproval } from '../store/view/approval.ts'
import { playbookList } from '../store/view/playbooks.ts'
import { systemStatus } from '../store/view/status.ts'
import type { GatewayEnv } from './auth.ts'
import type { GatewayDeps } from './deps.ts'
import { events } from './events.ts'
import { noteLooker } from './looks.ts'
import { publicUrl } from '../runtime/public-url.ts'
import { zoneOf } from './place.ts'
import { sightOf } from './sight.ts'

/** `GET` endpoints; an incident is named by number, `INC-12` or id. */
export function readApi(deps: GatewayDeps): Hono<GatewayEnv> {
  const { store, config } = deps
  return new Hono<GatewayEnv>()
    .get('/status', async (c) => c.json(await systemStatus(store, sightOf(deps, c))))
    .get('/incidents', async (c) => c.json(await listed(deps, c)))
    .get('/incidents/:number', async (c) => c.json(await incidentView(store, c.req.param('number'), sightOf(deps, c))))
    .get('/incidents/:number/approval', async (c) => {
      const approval = await pendingApproval(store, c.req.param('number'), sightOf(deps, c))
      await noteLooker(deps, c, approval.incident)
      return c.json(approval)
    })
    .get('/incidents/:number/hand-over', async (c) => {
      const pack = await handOver(store, c.req.param('number'), sightOf(deps, c))
      if (c.req.header('accept')?.includes('application/json')) return c.json(pack)
      return c.body(handOverMarkdown(pack), 200, { 'content-type': 'text/markdown; charset=utf-8' })
    })
    .get('/incidents/:number/evidence/:evidence', async (c) => {
      const { number, evidence } = c.req.param()
      return c.text(await evidenceText(store, number, evidence, sightOf(deps, c)))
    })
    .route('/events', events(deps))
    .get('/playbooks', async (c) => c.json(await playbookList(store, sightOf(deps, c))))
    .get('/hosts', async (c) => c.json(await hostList(store, sightOf(deps, c))))
    .get('/sources', async (c) => {
      const url = publicUrl(config)
      return c.json(await sourceList(store, { ...sightOf(deps, c), url, zone: zoneOf(config) }))
    })
    .get('/deliveries', async (c) =>
      c.json(await deliveries(store, { source: c.req.query('source'), team: sightOf(deps, c).team })),
    )
}

/** How many incidents of one group are answered. */
const apiLimit = 200

async function listed(deps: GatewayDeps, c: Context<GatewayEnv>): Promise<IncidentList> {
  const state = c.req.query('state')
  if (state !== undefined && state !== 'open' && !isState(state)) {
    throw new Failure({
      code: 'input.usage',
      message: `There is no state ${state.slice(0, 40)}.`,
      hint: `Use one of: ${Object.keys(incidentMoves).join(', ')}.`,
    })
  }
  return incidentList(deps.store, { ...sightOf(deps, c), zone: zoneOf(deps.config), state, limit: apiLimit })
}

function isState(text: string): text is IncidentState {
  return Object.hasOwn(incidentMoves, text)
}
