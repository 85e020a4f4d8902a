// The gateway's HTTP: webhooks for senders, and behind the login the API and the pages. Each part is an app of its own.
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import type { LoadedSource } from '../integrations/load.ts'
import type { Inbox } from '../store/inbox.ts'
import { type GatewayEnv, guard, nonces } from './auth.ts'
import type { GatewayDeps } from './deps.ts'
import { dryRuns } from './dry-run.ts'
import { hooks } from './hooks.ts'
import { metrics } from './metrics.ts'
import { openApiDocument } from './openapi/document.ts'
import { sendProblem } from './pages/frame.ts'
import { pages } from './pages/index.ts'
import { peopleApi } from './people-api.ts'
import { publicUrl } from '../runtime/public-url.ts'
import { answerProblem, type Problem, problemOf } from './problem.ts'
import { readApi } from './read-api.ts'
import { warnOfProxy } from './unnamed-proxy.ts'
import { writeApi } from './write-api.ts'

export type AppDeps = GatewayDeps & {
  readonly sources: ReadonlyMap<string, LoadedSource>
  readonly inbox: Inbox
}

/** Whose answer it is must not stay in a cache, and text of strangers must not be taken for a page. */
const asData: MiddlewareHandler<GatewayEnv> = async (c, next) => {
  await next()
  c.header('x-content-type-options', 'nosniff')
  c.header('cache-control', 'no-store')
}

export function createApp(deps: AppDeps): Hono<GatewayEnv> {
  const app = new Hono<GatewayEnv>()
  const refuse = (c: Context<GatewayEnv>, problem: Problem): Response | Promise<Response> =>
    (c.req.header('accept') ?? '').includes('text/html') ? sendProblem(deps, c, problem) : answerProblem(c, problem)
  app.onError((error, c) => {
    const problem = problemOf(error)
    if (problem.code === 'bug') deps.log.error({ error, path: c.req.path }, 'a request failed')
    return refuse(c, problem)
  })
  app.notFound((c) =>
    refuse(c, { code: 'input.not-found', message: 'Nothing answers to this method and path.', hint: null }),
  )
  app.use(warnOfProxy(deps))
  app.route('/hooks/v1', hooks({ ...deps, url: publicUrl(deps.config) }))
  app.all('/hooks/*', (c) =>
    answerProblem(c, { code: 'input.not-found', message: 'There is no such hook.', hint: null }),
  )
  app.get('/healthz', (c) => c.json({ ok: true }))
  app.route('/', metrics(deps))
  app.use(guard(deps))
  app.use(nonces)
  const document = openApiDocument()
  app.use('/api/*', asData)
  app.get('/api/v1/openapi.json', (c) => c.json(document))
  app.route('/api/v1', peopleApi(deps))
  app.route('/api/v1', writeApi(deps))
  app.route('/api/v1', dryRuns(deps))
  app.route('/api/v1', readApi(deps))
  app.route('/', pages(deps))
  return app
}
