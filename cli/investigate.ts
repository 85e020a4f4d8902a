// `millwright investigate ALERT.json --dry-run`: what Millwright makes of an alert, followed as it happens, without the
// right to act.
import { readFileSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../domain/failure.ts'
import type { SourceView } from '../domain/telling/fleet-view.ts'
import type { IncidentView, StoryEntry } from '../domain/telling/view.ts'
import { plainText } from '../domain/telling/words.ts'
import { count, dollars } from '../domain/text.ts'
import { type Client, connect } from './client.ts'
import { type CliCommand, exitCode } from './command.ts'
import { momentIn } from './moment.ts'
import { type ClientOptions, columns, print, say, withClientOptions } from './print.ts'
import { codeOf, withTimeout } from './wait.ts'

const everyMilliseconds = 500
/** What the gateway takes of one delivery. */
const largestBytes = 1024 * 1024
const standardInput = 0

export default {
  summary: 'look into an alert without the right to act: what would be done, and what it costs to find out',
  build: (command) => {
    withTimeout(withClientOptions(command))
      .argument('<file>', 'the alert as its source sends it, in JSON; - for the standard input')
      .option('--dry-run', 'required: nothing is carried out')
      .option('--source <name>', 'whose form it has; default: the only one of the config')
      .action(investigate)
  },
} satisfies CliCommand

type Options = ClientOptions & { readonly dryRun?: true; readonly source?: string; readonly timeout: number }

async function investigate(file: string, { data, output, dryRun, source, timeout }: Options): Promise<void> {
  if (dryRun !== true) {
    const message = 'Without --dry-run nothing is investigated from here: what may be acted on comes from its source.'
    const hint = 'Send it to the address of its source, which `npx millwright source list` names, or add --dry-run.'
    throw new Failure({ code: 'input.usage', message, hint })
  }
  const delivery = readDelivery(file)
  const client = connect(data)
  const name = source ?? (await onlySource(client))
  const begun = await client.post<{ incident: number; url: string }>('/dry-runs', { source: name, delivery })
  say(`INC-${begun.incident}, a dry run: nothing will be carried out. ${begun.url}`)
  const incident = await follow(client, String(begun.incident), timeout)
  process.exitCode = endOf(incident)
  const found = foundIn(incident, begun.url)
  print(output, found, () => table(found))
}

function readDelivery(file: string): unknown {
  const from = file === '-' ? standardInput : file
  try {
    if (file !== '-' && statSync(file).size > largestBytes) throw tooLarge()
    const text = readFileSync(from, 'utf8')
    if (Buffer.byteLength(text) > largestBytes) throw tooLarge()
    return JSON.parse(text)
  } catch (cause) {
    if (cause instanceof Failure) throw cause
    const message = `${file === '-' ? 'The standard input' : file} could not be read as JSON.`
    throw new Failure({ code: 'input.invalid-payload', message, cause })
  }
}

function tooLarge(): Failure {
  return new Failure({ code: 'input.too-large', message: 'An alert of more than 1 MiB is not sent.' })
}

async function onlySource(client: Client): Promise<string> {
  const sources = await client.get<readonly SourceView[]>('/sources')
  const [first, ...more] = sources
  if (first !== undefined && more.length === 0) return first.name
  const all = sources.map(({ name }) => name).join(', ')
  const message = first === undefined ? 'No source is configured.' : `There are several sources: ${all}.`
  const hint = first === undefined ? 'Configure the source whose alerts have this form.' : 'Name one with --source.'
  throw new Failure({ code: 'input.unknown-source', message, hint })
}

/** Tells each step as it is written down. Ctrl-C ends only the following. */
async function follow(client: Client, number: string, timeout: number): Promise<IncidentView> {
  const until = Date.now() + timeout * 1_000
  let told = -1
  for (;;) {
    const incident = await client.get<IncidentView>(`/incidents/${number}`)
    for (const entry of incident.story.filter(({ sequence }) => sequence > told)) tell(entry)
    told = Math.max(told, incident.cursor.sequence)
    if (incident.state === 'closed' || Date.now() >= until) return incident
    await sleep(Math.min(everyMilliseconds, Math.max(0, until - Date.now())))
  }
}

const inUtc = momentIn('utc')

function tell({ after, says, more }: StoryEntry): void {
  say(`${`+${(after / 1_000).toFixed(1)} s`.padStart(9)}  ${plainText(says, inUtc)}`)
  for (const line of more) say(`${' '.repeat(11)}${plainText(line, inUtc)}`)
}

/** As `incident wait` ends, had it been more than a dry run; 0 where it would have gone on by itself or asked. */
function endOf({ would, state }: IncidentView): number {
  if (state !== 'closed') return exitCode.pending
  if (would === null || would.act !== 'hand-over') return exitCode.ok
  return codeOf({ state: 'handed-over', reason: would.reason }) ?? exitCode.failure
}

type Found = {
  readonly incident: number
  readonly url: string
  readonly state: IncidentView['state']
  readonly title: string
  /** What was concluded, and what bears it out, in sentences. */
  readonly diagnosis: readonly string[]
  readonly would: IncidentView['would']
  readonly says: string
  readonly plan: Pick<
    IncidentView['plans'][number],
    'playbook' | 'version' | 'host' | 'params' | 'wants' | 'policy'
  > | null
  readonly cost: { readonly calls: number; readonly tokens: number; readonly dollars: number }
}

function foundIn({ number, state, title, would, says, story, plans, calls }: IncidentView, url: string): Found {
  const concluded = story.findLast(({ kind }) => ['recognised', 'ambiguous', 'turn'].includes(kind))
  const plan = plans.at(-1)
  const sum = (of: (call: (typeof calls)[number]) => number) => calls.reduce((all, call) => all + of(call), 0)
  return {
    incident: number,
    url,
    state,
    title,
    diagnosis: concluded === undefined ? [] : [concluded.says, ...concluded.more].map((one) => plainText(one, inUtc)),
    would,
    says: plainText(says, inUtc),
    plan: plan === undefined ? null : planOf(plan),
    cost: { calls: calls.length, tokens: sum(({ tokens }) => tokens), dollars: sum((call) => call.dollars) },
  }
}

function planOf({ playbook, version, host, params, wants, policy }: IncidentView['plans'][number]): Found['plan'] {
  return { playbook, version, host, params, wants, policy }
}

const would = {
  alone: 'act alone',
  ask: 'ask people',
  close: 'close it: nothing is left to repair',
  'hand-over': 'hand over',
} as const

function table({ title, diagnosis, would: next, says, plan, cost, url, state }: Found): string {
  const rows: (readonly [string, string])[] = [
    ['found', diagnosis[0] ?? `${title}: no known fault`],
    ['would', next === null ? `not known yet: it is ${state}` : would[next.act]],
    ['because', says],
  ]
  if (plan !== null) {
    const params = Object.entries(plan.params).map(([name, value]) => `${name}=${String(value)}`)
    rows.push(['playbook', `${plan.playbook}@${plan.version} on ${plan.host}`], ['with', params.join(' ') || 'nothing'])
    if (plan.policy !== null) rows.push(['policy', `${plan.policy.rule}: ${plan.policy.says}`])
  }
  const calls = count(cost.calls, 'call of a model', 'calls of models')
  rows.push(['cost', `${dollars(cost.dollars)}, ${calls}, ${count(cost.tokens, 'token')}`], ['page', url])
  return columns(['dry run', 'nothing was carried out'], rows, widest)
}

/** Whole sentences are read here, not cut. */
const widest = 1_000
