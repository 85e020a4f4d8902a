// Who looks at what waits for a person is written down, so that two on call do not both work on it.
import type { Context } from 'hono'
import type { IncidentRow } from '../domain/telling/view.ts'
import { noteLook } from '../store/looked.ts'
import { type GatewayEnv, person } from './auth.ts'
import type { GatewayDeps } from './deps.ts'

/** Only while somebody may have to act. */
export async function noteLooker(deps: GatewayDeps, c: Context<GatewayEnv>, { id, state }: IncidentRow): Promise<void> {
  if (state !== 'awaiting-approval' && state !== 'handed-over') return
  await noteLook(deps.store, id, person(c).name, deps.now())
}
