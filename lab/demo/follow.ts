// Finds the incident of a fault and follows it to its end, over the API that everybody has.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../../cli/client.ts'
import { plainText } from '../../domain/telling/words.ts'
import type { IncidentList, IncidentRow, IncidentView, PendingApproval } from '../../domain/telling/view.ts'

const pollMilliseconds = 100

export type Following = {
  readonly client: Client
  readonly host: string
  /** Name of the alert that the fault raises first. */
  readonly alert: string
  /** Not before this moment, ISO 8601. */
  readonly since: string
  readonly deadline: number
  readonly signal: AbortSignal
  readonly line: (text: string) => void
  /** Called once when it asks for a decision. */
  readonly asked: (incident: IncidentRow, approval: Extract<PendingApproval, { kind: 'pending' }>) => Promise<void>
}

/** The incident when it is closed or handed over, or as it stood when the time was over; null when none came. */
export async function follow(following: Following): Promise<IncidentView | null> {
  const row = await firstOf(following)
  if (row === null) return null
  const incident = await followOne(following, row)
  if (incident.closedReason !== 'recovered-by-itself' && incident.closedReason !== 'repaired-by-another')
    return incident
  // Two alerts about one fault are two incidents, and either may be the one that repairs it.
  const other = (await rowsSince(following)).find(({ number }) => number !== row.number)
  if (other === undefined) return incident
  following.line('  The same fault had raised another alert, whose incident repaired it:')
  return followOne(following, other)
}

async function followOne(following: Following, row: IncidentRow): Promise<IncidentView> {
  following.line(`INC-${row.number}: ${following.client.url}/incidents/${row.number}`)
  let told = 0
  let hasAsked = false
  for (;;) {
    const incident = await following.client.get<IncidentView>(`/incidents/${row.number}`)
    for (const entry of incident.story.slice(told)) following.line(`  ${plainText(entry.says)}`)
    told = incident.story.length
    if (incident.state === 'closed' || incident.state === 'handed-over' || isOver(following)) return incident
    if (incident.state === 'awaiting-approval' && !hasAsked) hasAsked = await ask(following, row)
    await sleep(pollMilliseconds)
  }
}

async function ask({ client, asked }: Following, row: IncidentRow): Promise<boolean> {
  const approval = await client.get<PendingApproval>(`/incidents/${row.number}/approval`)
  if (approval.kind !== 'pending') return false
  await asked(row, approval)
  return true
}

async function firstOf(following: Following): Promise<IncidentRow | null> {
  const { client, alert } = following
  while (!isOver(following)) {
    for (const row of await rowsSince(following)) {
      const { alerts } = await client.get<IncidentView>(`/incidents/${row.number}`)
      if (alerts.some(({ name }) => name === alert)) return row
    }
    await sleep(pollMilliseconds)
  }
  return null
}

async function rowsSince({ client, host, since }: Following): Promise<readonly IncidentRow[]> {
  const list = await client.get<IncidentList>('/incidents')
  const rows = [...list.needsYou, ...list.inProgress, ...list.closed]
  return rows.filter((one) => one.host === host && one.openedAt >= since)
}

function isOver({ deadline, signal }: Following): boolean {
  return signal.aborted || performance.now() > deadline
}
