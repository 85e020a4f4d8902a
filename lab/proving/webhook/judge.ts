// Judges one shot by the rows and by what came back over the wire; the gateway itself is never asked.
import { credentials, ownHosts, type Site } from './site.ts'
import type { Shot } from './shot.ts'
import { type Answer, transmit } from './wire.ts'

/** Fires it and says how the promise was broken; null: it held. */
export async function judge(site: Site, shot: Shot, tag: string): Promise<string | null> {
  const answers = shot.atOnce === true ? await atOnce(site, shot) : await inTurn(site, shot)
  return site.lives() ? (wrongAnswer(shot, answers) ?? (await wrongRows(site, shot, tag))) : 'the gateway died of it'
}

const atOnce = (site: Site, { sends }: Shot): Promise<readonly Answer[]> =>
  Promise.all(sends.map((send) => transmit(site.port, send)))

async function inTurn(site: Site, { sends }: Shot): Promise<readonly Answer[]> {
  const answers: Answer[] = []
  for (const send of sends) answers.push(await transmit(site.port, send))
  return answers
}

function wrongAnswer({ right }: Shot, answers: readonly Answer[]): string | null {
  const odd = answers.find(({ status }) => !right.includes(status))
  if (odd !== undefined)
    return `answered ${odd.status ?? 'nothing'}, not ${right.join(' or ')}: ${odd.text.slice(-300)}`
  const leaky = answers.find(({ text }) => Object.values(credentials).some((secret) => text.includes(secret)))
  return leaky === undefined ? null : 'the answer repeats a secret'
}

/** What a request wrote is there when it is answered; one that was cut off may still be on its way. */
async function wrongRows(site: Site, shot: Shot, tag: string): Promise<string | null> {
  const until = Date.now() + (shot.sends.some(({ cut }) => cut === true) ? 500 : 0)
  for (;;) {
    const problem = await wrongNow(site, shot, tag)
    if (problem === null || Date.now() >= until) return problem
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function wrongNow(site: Site, { incidents, host }: Shot, tag: string): Promise<string | null> {
  const rows = await site.query('select id, host, source from incident where group_key like $1', [`%${tag}%`])
  const isCount = incidents === 'at most one' ? rows.length <= 1 : rows.length === incidents
  if (!isCount) return `${rows.length} incidents, not ${incidents}`
  const stranger = rows.find((row) =>
    host === undefined ? row['host'] !== null && !isOwn(row['host']) : row['host'] !== host,
  )
  if (stranger !== undefined)
    return `an incident about ${String(stranger['host'])}, not ${String(host ?? 'a host of ours')}`
  const [untold] = await site.query(
    `select i.id from incident i where group_key like $1 and not (
      exists (select from dispatch d where d.incident = i.id and kind = 'start')
      and exists (select from timeline t where t.incident = i.id and sequence = 0)
      and exists (select from audit_event a where a.subject = i.id)
      and exists (select from alert a join delivery d on d.id = a.delivery where a.incident = i.id))`,
    [`%${tag}%`],
  )
  return untold === undefined ? null : 'an incident without its dispatch, timeline, audit, alert or delivery'
}

function isOwn(host: unknown): boolean {
  return typeof host === 'string' && ownHosts.includes(host)
}
