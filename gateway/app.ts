// The gateway's HTTP: webhooks, the API, the pages. Each part is an app of its own.
import { Hono } from 'hono'
import type { LoadedSource } from '../integrations/load.ts'
import type { Inbox } from '../store/inbox.ts'
import type { GatewayDeps } from './deps.ts'
import { hooks } from './hooks.ts'
import { publicUrl } from './place.ts'
import { answerProblem, problemOf } from './problem.ts'
import { readApi } from './read-api.ts'

export type AppDeps = GatewayDeps & {
  readonly sources: ReadonlyMap<string, LoadedSource>
  readonly inbox: Inbox
}

export function createApp(deps: AppDeps): Hono {
  const app = new Hono({ strict: true })
  app.onError((error, c) => {
    const problem = problemOf(error)
    if (problem.code === 'bug') deps.log.error({ error, path: c.req.path }, 'a request failed')
    return answerProblem(c, problem)
  })
  app.notFound((c) => answerProblem(c, { code: 'input.not-found', message: 'There is nothing here.', hint: null }))
  app.route('/hooks/v1', hooks({ ...deps, url: publicUrl(deps.config) }))
  app.route('/api/v1', readApi(deps))
  return app
}
