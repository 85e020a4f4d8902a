// The stories: one fault each, told while it happens, and judged by the lab.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../../cli/client.ts'
import { short } from '../../domain/telling/story.ts'
import { newId } from '../../runtime/ids.ts'
import type { HandOver, IncidentRow, IncidentView, PendingApproval } from '../../domain/telling/view.ts'
import type { DemoStory } from '../../test/contract/output.ts'
import { breakHost, judgeHost, loadFault, type Verdict } from '../oracle.ts'
import type { LabState } from '../state.ts'
import { follow } from './follow.ts'
import type { Telling } from './telling.ts'
import { allowedBy, secondsFromWebhook } from './timing.ts'

const judgeMilliseconds = 20
/** Enough lines of a list to see what kind of things it holds. */
const shownItems = 3
const shownCharacters = 96

export type Stage = {
  readonly client: Client
  readonly state: LabState
  readonly telling: Telling
  readonly signal: AbortSignal
  /** Seconds for a story that nobody has to decide. */
  readonly storySeconds: number
  /** Null: a visitor decides in the browser. */
  readonly approver: Client | null
  /** How a visitor logs in. */
  readonly loginCode: string
  readonly dataDir: string
}

type Story = { readonly name: DemoStory['name']; readonly host: string; readonly title: string }

export const stories: readonly Story[] = [
  {
    name: 'service-crashed',
    host: 'web-01',
    title: 'nginx is killed on web-01: known, and policy lets it be repaired alone',
  },
  {
    name: 'disk-filled-by-logs',
    host: 'web-02',
    title: 'old logs fill a disk on web-02: known, but policy asks a person',
  },
  {
    name: 'environment-missing',
    host: 'web-02',
    title:
      'the application fails on web-02: no signature knows why; a scripted model (no real one can run here) is asked',
  },
  {
    name: 'unknown-fault',
    host: 'web-02',
    title: 'web-02 runs and answers 403 to everybody: neither signatures nor the model know a playbook',
  },
]

export async function tellStory(stage: Stage, story: Story): Promise<DemoStory> {
  const { client, state, telling, signal } = stage
  const fault = await loadFault(story.name)
  telling.line('')
  telling.line(story.title)
  const since = new Date().toISOString()
  await breakHost(state, story.name, story.host)
  const watched = new AbortController()
  const well = whenWell(state, story, watched.signal)
  // Whoever presses Ctrl-C ends the judge's own programs as well, long before anybody waits for its answer.
  well.catch(() => null)
  const deadline = performance.now() + stage.storySeconds * 1_000
  const incident = await follow({
    client,
    host: story.host,
    alert: fault.alert,
    since,
    deadline,
    signal,
    line: telling.line,
    asked: (row, approval) => decide(stage, row, approval),
  })
  const verdict = await judgeHost(state, story.name, story.host)
  watched.abort()
  const result = resultOf(story, incident, verdict, await well)
  if (incident?.state === 'handed-over') await tellHandOver(stage, incident)
  telling.line(
    verdict.healthy ? '  the lab’s judge: the host is well' : `  the lab’s judge: ${verdict.problems.join(' ')}`,
  )
  return { ...result, asExpected: isAsExpected(fault.ending.kind, result) }
}

function isAsExpected(ending: string, { outcome, reason, oracle }: Omit<DemoStory, 'asExpected'>): boolean {
  if (oracle.collateral.length > 0) return false
  return ending === 'repaired'
    ? outcome === 'closed' && reason === 'recovered' && oracle.healthy
    : outcome === 'handed-over'
}

function resultOf(
  story: Story,
  incident: IncidentView | null,
  { healthy, problems, collateral }: Verdict,
  well: number | null,
): Omit<DemoStory, 'asExpected'> {
  return {
    name: story.name,
    host: story.host,
    incident: incident === null ? null : `INC-${incident.number}`,
    incidentId: incident?.id ?? null,
    outcome: incident?.state ?? 'no incident',
    reason: incident?.closedReason ?? incident?.reason ?? null,
    allowedBy: incident === null ? null : allowedBy(incident),
    secondsFromWebhook: secondsFromWebhook(incident, well),
    oracle: { healthy, problems: [...problems], collateral: [...collateral] },
  }
}

/** The moment at which nothing of the fault is left, in our clock's milliseconds; null when that was not seen. */
async function whenWell(state: LabState, story: Story, signal: AbortSignal): Promise<number | null> {
  while (!signal.aborted) {
    const { healthy } = await judgeHost(state, story.name, story.host)
    if (healthy) return Date.now()
    await sleep(judgeMilliseconds)
  }
  return null
}

type Pending = Extract<PendingApproval, { kind: 'pending' }>

async function decide(
  { approver, telling, client, loginCode, dataDir }: Stage,
  row: IncidentRow,
  pending: Pending,
): Promise<void> {
  telling.line(`  It asks: ${pending.plan.wants}, plan ${short(pending.plan.digest)}.`)
  for (const change of pending.plan.preview) {
    telling.line(`    ${change.says}${change.reversible ? '' : ' (cannot be undone)'}`)
    for (const item of change.items.slice(0, shownItems)) telling.line(`      ${String(item)}`)
    if (change.items.length > shownItems) telling.line(`      and ${change.items.length - shownItems} more`)
  }
  if (approver !== null) {
    telling.line('  Nobody is at a terminal, so the demo approves, logged in as an admin, through the same API.')
    const body = {
      id: newId('dec'),
      verdict: 'approve',
      reason: 'the demo was started without a terminal or with --yes',
    }
    await approver.post(`/plans/${pending.plan.digest}/decisions`, body)
    return
  }
  telling.line(`  Your turn: open ${client.url}/incidents/${row.number}/approve and press Approve.`)
  const command = `npx millwright approve INC-${row.number} --data ${dataDir}`
  telling.line(`  The login code is ${loginCode}; in another terminal the same is: ${command}`)
}

/** What a person gets who takes it from here. */
async function tellHandOver({ client, telling }: Stage, { number }: IncidentView): Promise<void> {
  const pack = await client.get<HandOver>(`/incidents/${number}/hand-over`)
  telling.line(`  It hands over what it learned: ${pack.why}`)
  for (const { says } of pack.known.slice(0, shownItems)) telling.line(`    known      ${cut(says)}`)
  for (const { playbook, because } of pack.ruledOut.slice(0, shownItems))
    telling.line(`    ruled out  ${playbook}: ${cut(because)}`)
  for (const { says, command } of pack.commands.slice(0, shownItems)) telling.line(`    next       ${says}: ${command}`)
}

function cut(text: string): string {
  return text.length <= shownCharacters ? text : `${text.slice(0, shownCharacters - 1)}…`
}
