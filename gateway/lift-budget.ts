// A person lets an incident have more than its budgets: the row first, then the workflow, which goes on from there.
import { Failure } from '../domain/failure.ts'
import { type Person, readableTeam } from '../domain/person.ts'
import { dollars as inWords } from '../domain/text.ts'
import { insertLift, type LiftRow, markTold, readLift, readUntold, takeBackLift } from '../store/budget-lift.ts'
import { findIncident } from '../store/view/incident-row.ts'
import { liftBudget as message } from '../workflows/messages.ts'
import { allow } from './allow.ts'
import type { GatewayDeps } from './deps.ts'
import { tellWorkflow } from './tell-workflow.ts'

export type Lifted = { readonly incident: number; readonly person: string; readonly dollars: number }

type Wish = { readonly id: string; readonly dollars: number; readonly reason: string }

/**
 * Throws `input.not-found`, `policy.forbidden`, `conflict.already-decided` where the incident is not over budget, and
 * `conflict.not-delivered`: then nothing was lifted.
 */
export async function liftBudget(deps: GatewayDeps, person: Person, reference: string, wish: Wish): Promise<Lifted> {
  const { store, now } = deps
  const incident = await findIncident(store, reference, { team: readableTeam(person) })
  const { id: subject, team, environment } = incident
  await allow(deps, { person, act: 'lift-budget', team }, subject)
  const { id, dollars, reason: says } = wish
  const lift = { id, incident: { id: subject, team, environment }, person: person.name, dollars, says, at: now() }
  const lifted = { incident: Number(incident.number), person: person.name, dollars }
  const before = await readLift(store, id)
  if (before?.incident === subject && before.person === person.name && Number(before.dollars) === dollars) {
    if (before.told_at === null) await tell(deps, lift)
    return lifted
  }
  if (incident.state !== 'handed-over' || incident.reason !== 'over-budget') {
    throw conflict('This incident does not wait for a budget.')
  }
  if (before !== null) throw conflict('This form was sent before.')
  const other = await readUntold(store, subject)
  if (other !== null) {
    // Whoever wrote it was lost before the workflow heard of it: two of them would add up.
    const more = Number(other.dollars)
    await tell(deps, { ...lift, id: other.id, person: other.person, dollars: more, says: other.says })
    throw conflict(`${other.person} let it have ${inWords(more)} more before, and it goes on with that.`)
  }
  if (!(await insertLift(store, lift))) throw conflict('This form was sent before.')
  await tell(deps, lift)
  return lifted
}

/** Told again it is the same update, which counts once. */
async function tell(deps: GatewayDeps, lift: LiftRow): Promise<void> {
  const { store } = deps
  const { id, person, dollars, incident } = lift
  const told = await tellWorkflow(deps, incident.id, (handle) =>
    handle.executeUpdate(message, { args: [{ id, person, dollars }], updateId: id }),
  )
  if (told.kind === 'accepted') return markTold(store, id)
  // What arrives late finds nothing to spend, and hands over again.
  await takeBackLift(store, lift)
  if (told.kind === 'refused') throw new Failure({ code: told.code, message: told.says })
  deps.log.warn({ error: told.error, incident: incident.id }, 'lifting a budget could not be delivered')
  throw new Failure({
    code: 'conflict.not-delivered',
    message: `Not delivered: the ${inWords(dollars)} are not to be spent.`,
    hint: 'Look at the incident, and try it again.',
  })
}

function conflict(message: string): Failure {
  return new Failure({ code: 'conflict.already-decided', message, hint: 'Look at the incident again.' })
}
