// A person wants to see more before they decide: the workflow looks anew, and what it plans then is asked about.
import { Failure } from '../domain/failure.ts'
import { auditRefusal, decidedPlan } from '../store/decision.ts'
import type { Session } from '../store/session.ts'
import { askForMore } from '../workflows/messages.ts'
import { allow, mayRead } from './allow.ts'
import type { GatewayDeps } from './deps.ts'
import { tellWorkflow } from './tell-workflow.ts'

export type Asked = { readonly incident: number; readonly person: string; readonly dropped: string }

/**
 * Drops the plan that waits and has the host looked at anew. Throws `input.not-found`, `policy.forbidden`, what the
 * workflow refuses with, and `conflict.not-delivered`: then it may still be looked at, which changes nothing.
 */
export async function askMore(
  deps: GatewayDeps,
  { person }: Session,
  { digest, says }: { readonly digest: string; readonly says: string },
): Promise<Asked> {
  const plan = await decidedPlan(deps.store, digest)
  if (plan === null || !mayRead(person, plan.team)) {
    throw new Failure({ code: 'input.not-found', message: 'There is no such plan.', hint: 'Load the page again.' })
  }
  const { incident, team, environment } = plan
  await allow(deps, { person, act: 'ask-more', team }, incident)
  const question = { planDigest: digest, person: person.name, says }
  const told = await tellWorkflow(deps, incident, (handle) => handle.executeUpdate(askForMore, { args: [question] }))
  const number = Number(plan.number)
  if (told.kind === 'accepted') return { incident: number, person: person.name, dropped: digest }
  const hint = `The story: /incidents/${number}`
  if (told.kind === 'refused') {
    const refusal = { at: deps.now(), team, environment, person: person.name, act: 'plan.ask-more.refused' }
    await auditRefusal(deps.store, { ...refusal, subject: incident, code: told.code, says: told.says })
    throw new Failure({ code: told.code, message: told.says, hint })
  }
  deps.log.warn({ error: told.error, incident }, 'asking for more could not be delivered')
  const message = 'Nobody confirmed it: the host may be looked at anew because of it, or not. Nothing runs either way.'
  throw new Failure({ code: 'conflict.not-delivered', message, hint })
}
