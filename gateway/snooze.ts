// A reminder put off for some minutes. The plan's expiry stays where it is: silence never means yes.
import { Failure } from '../domain/failure.ts'
import { type Person, readableTeam } from '../domain/person.ts'
import { chatLine } from '../domain/text.ts'
import { snooze as putOff, type Snooze } from '../store/snooze.ts'
import { findIncident } from '../store/view/incident-row.ts'
import { allow } from './allow.ts'
import type { GatewayDeps } from './deps.ts'
import { publicUrl } from '../runtime/public-url.ts'

export type Snoozed = { readonly incident: number; readonly person: string; readonly until: string }

type StoredIncident = Awaited<ReturnType<typeof findIncident>>

/**
 * Throws `input.not-found`, `policy.forbidden`, `conflict.already-decided` when nothing waits for a person there, and
 * `input.usage` when nobody is reminded of it or it was put off too often.
 */
export async function snooze(deps: GatewayDeps, person: Person, reference: string, minutes: number): Promise<Snoozed> {
  const incident = await findIncident(deps.store, reference, { team: readableTeam(person) })
  await allow(deps, { person, act: 'snooze', team: incident.team }, incident.id)
  if (incident.state !== 'awaiting-approval' && incident.state !== 'handed-over') {
    throw new Failure({ code: 'conflict.already-decided', message: 'Nothing of this incident waits for a person.' })
  }
  const at = deps.now()
  const notifiers = Object.keys(deps.config.notifiers)
  const wanted = {
    incident,
    person: person.name,
    minutes,
    notifiers,
    at,
    ...reminders(deps, incident, person, minutes),
  }
  const done = notifiers.length > 0 && (await putOff(deps.store, wanted))
  if (done) {
    const until = new Date(at.getTime() + minutes * 60_000).toISOString()
    return { incident: Number(incident.number), person: person.name, until }
  }
  throw new Failure({
    code: 'input.usage',
    message: 'There is no reminder to put off: no notifier tells people of it, or it was put off too often.',
    hint: 'It goes on waiting, and expires when it would have.',
  })
}

function reminders(
  deps: GatewayDeps,
  incident: StoredIncident,
  person: Person,
  minutes: number,
): Pick<Snooze, 'now' | 'later'> {
  const { id, severity, team, environment, title, host } = incident
  const number = Number(incident.number)
  const subject = `INC-${number} ${title}`
  const waits = incident.state === 'awaiting-approval' ? 'a repair waits for your decision' : 'a person is needed'
  const common = {
    incident: { id, number, title, severity },
    team,
    environment,
    url: `${publicUrl(deps.config)}/incidents/${number}`,
    labels: { reason: 'snoozed', ...(host === null ? {} : { host }) },
    at: deps.now().toISOString(),
  }
  const key = `${id}/snooze/${common.at}`
  const now = chatLine(`${subject}: ${person.name} put the reminder off for ${minutes} min; ${waits}.`)
  const later = chatLine(`${subject}: still, ${waits}.`)
  return {
    now: { ...common, key: `${key}/snoozed`, kind: 'snoozed', summary: now },
    later: { ...common, key: `${key}/again`, kind: 'needs-you', summary: later },
  }
}
