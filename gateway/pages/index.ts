// The pages: server-rendered, usable without script, each a view of what SQL holds. GET decides nothing; who opens what
// waits for a person is noted.
import { type Context, Hono } from 'hono'
import { Failure } from '../../domain/failure.ts'
import { pendingApproval } from '../../store/view/approval.ts'
import { evidenceText } from '../../store/view/evidence-text.ts'
import { handOver } from '../../store/view/hand-over.ts'
import { hostList } from '../../store/view/hosts.ts'
import { incidentList } from '../../store/view/incident-list.ts'
import { incidentView } from '../../store/view/incident.ts'
import { playbookList } from '../../store/view/playbooks.ts'
import { sourceList } from '../../store/view/sources.ts'
import { type GatewayEnv, sessionOf } from '../auth.ts'
import { approvalRefusal } from '../decisions.ts'
import type { GatewayDeps } from '../deps.ts'
import { noteLooker } from '../looks.ts'
import { peopleFor } from '../people-api.ts'
import { ownPath } from '../own-path.ts'
import { publicUrl } from '../../runtime/public-url.ts'
import { zoneOf } from '../place.ts'
import { sightOf } from '../sight.ts'
import { answerProblem, problemOf } from '../problem.ts'
import { approvePage } from './approve.ts'
import { assets } from './assets.ts'
import { chart, historyQuestion } from './chart.ts'
import { frameOf, mayDecide, protect, send, sendProblem, statusOf } from './frame.ts'
import { handOverPage } from './hand-over.ts'
import { hostsPage } from './hosts.ts'
import { incidentPage } from './incident.ts'
import { incidentsPage } from './incidents.ts'
import { peoplePage } from './people.ts'
import { loginPage } from './plain.ts'
import { playbookPage, playbooksPage } from './playbooks.ts'
import { shortened } from './shortened.ts'
import { sourcesPage } from './sources.ts'

/** Mounted at `/`, after everything else. */
export function pages(deps: GatewayDeps): Hono<GatewayEnv> {
  const app = new Hono<GatewayEnv>()
  app.onError((error, c) => {
    const problem = problemOf(error)
    if (problem.code === 'bug') deps.log.error({ error, path: c.req.path }, 'a page failed')
    return sendProblem(deps, c, problem)
  })
  app.route('/assets', assets())
  app.use(protect)
  app.get('/login', async (c) => {
    const to = ownPath(c.req.query('to'))
    return c.get('session') === null ? send(c, loginPage(to), await frameOf(deps, c)) : c.redirect(to, 303)
  })
  incidentRoutes(app, deps)
  fleetRoutes(app, deps)
  app.get('*', (c) => {
    const missing = { code: 'input.not-found', message: 'There is no such page.', hint: null } as const
    return /^\/(api|hooks)\//.test(c.req.path) ? answerProblem(c, missing) : sendProblem(deps, c, missing)
  })
  return app
}

function incidentRoutes(app: Hono<GatewayEnv>, deps: GatewayDeps): void {
  const { store, config } = deps
  const number = (c: Context<GatewayEnv>): string => c.req.param('number') ?? ''
  app.get('/', async (c) => {
    const [list, frame, status] = await Promise.all([
      incidentList(store, { ...sightOf(deps, c), zone: zoneOf(config) }),
      frameOf(deps, c),
      statusOf(deps, c),
    ])
    return send(c, incidentsPage(shortened(list), status, frame.look), frame)
  })
  app.get('/incidents', (c) => c.redirect('/', 302))
  app.get('/incidents/:number', async (c) => {
    const [view, frame] = await Promise.all([incidentView(store, number(c), sightOf(deps, c)), frameOf(deps, c)])
    const asked = historyQuestion(view, frame.look.now)
    const history = asked === null ? null : ((await deps.history?.(view.source, asked)) ?? null)
    const drawn = chart(history, view, frame.look)
    return send(c, incidentPage(shortened(view), { look: frame.look, viewer: frame.viewer, chart: drawn }), frame)
  })
  app.get('/incidents/:number/approve', async (c) => {
    const [approval, frame] = await Promise.all([pendingApproval(store, number(c), sightOf(deps, c)), frameOf(deps, c)])
    const mayNot = approval.kind === 'pending' ? await approvalRefusal(deps, sessionOf(c), approval.plan.digest) : null
    await noteLooker(deps, c, approval.incident)
    const { look, viewer } = frame
    return send(c, approvePage(shortened(approval), { look, viewer, mayNot }), frame)
  })
  app.get('/incidents/:number/hand-over', async (c) => {
    const [pack, frame] = await Promise.all([handOver(store, number(c), sightOf(deps, c)), frameOf(deps, c)])
    await noteLooker(deps, c, pack.incident)
    return send(c, handOverPage(shortened(pack), frame.look, frame.viewer), frame)
  })
  app.get('/incidents/:number/evidence/:id', async (c) => {
    const text = await evidenceText(store, number(c), c.req.param('id'), sightOf(deps, c))
    return c.body(text, 200, { 'content-type': 'text/plain; charset=utf-8' })
  })
}

function fleetRoutes(app: Hono<GatewayEnv>, deps: GatewayDeps): void {
  const { store, config } = deps
  app.get('/playbooks', async (c) => {
    const [list, frame] = await Promise.all([playbookList(store, sightOf(deps, c)), frameOf(deps, c)])
    return send(c, playbooksPage(shortened(list)), frame)
  })
  app.get('/playbooks/:id', async (c) => {
    const id = c.req.param('id')
    const [list, frame] = await Promise.all([playbookList(store, sightOf(deps, c)), frameOf(deps, c)])
    const playbook = list.find((one) => one.id === id)
    if (playbook !== undefined) return send(c, playbookPage(shortened(playbook, 600), frame.look), frame)
    throw new Failure({
      code: 'input.not-found',
      message: `There is no playbook ${id.slice(0, 60)}.`,
      hint: 'List them with: npx millwright playbook list',
    })
  })
  app.get('/hosts', async (c) => {
    const [list, frame] = await Promise.all([hostList(store, sightOf(deps, c)), frameOf(deps, c)])
    return send(c, hostsPage(shortened(list, 120), frame.look, mayDecide(frame.viewer)), frame)
  })
  app.get('/people', async (c) => {
    const [people, frame] = await Promise.all([peopleFor(deps, c), frameOf(deps, c)])
    return send(c, peoplePage(people, frame.look, sessionOf(c).person), frame)
  })
  app.get('/sources', async (c) => {
    const wanted = { ...sightOf(deps, c), url: publicUrl(config), zone: zoneOf(config) }
    const [list, frame] = await Promise.all([sourceList(store, wanted), frameOf(deps, c)])
    return send(c, sourcesPage(shortened(list, 200), frame.look), frame)
  })
}
