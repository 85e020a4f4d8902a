// `millwright demo`: a lab of real hosts, Millwright beside it, four faults, and what becomes of them. Leaves nothing
// behind.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { connect } from '../../cli/client.ts'
import { exitCode } from '../../cli/command.ts'
import { reportError } from '../../cli/report-error.ts'
import type { IncidentList } from '../../domain/telling/view.ts'
import { createLogger } from '../../runtime/logger.ts'
import { redactText } from '../../runtime/redaction.ts'
import { DemoOutput, type DemoStory } from '../../test/contract/output.ts'
import { requireState } from '../state.ts'
import { startWorld, type World } from '../world/world.ts'
import { stories, tellStory } from './stories.ts'
import { telling } from './telling.ts'

const storySeconds = 90
/** How long a visitor may look before the question expires by itself. */
const visitorSeconds = 900

const { values } = parseArgs({
  options: { yes: { type: 'boolean', default: false }, output: { type: 'string', short: 'o', default: 'text' } },
})
const json = values.output === 'json'
const told = telling(json ? process.stderr : process.stdout)
const asked = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)

try {
  process.exitCode = await demo()
} catch (error) {
  // What a Ctrl-C interrupts fails, and that is no news.
  process.exitCode = asked.signal.aborted ? exitCode.cancelled : reportError(error, json)
}

function stop(): void {
  if (!asked.signal.aborted) told.line('Stopping, as soon as the step under way has ended.')
  asked.abort()
}

async function demo(): Promise<number> {
  const visitor = process.stdin.isTTY && process.stderr.isTTY && !values.yes
  if (!visitor && !values.yes)
    told.line('There is no terminal: the demo approves by itself and ends by itself, as with --yes.')
  const from = performance.now()
  const log = createLogger({ name: 'up', redact: redactText, stream: process.stderr, style: 'lines' })
  log.level = 'warn'
  const world = await startWorld({
    hosts: 2,
    log,
    progress: (line) => told.line(line),
    ended: asked.signal,
    model: {},
  }).catch((error: unknown) => {
    if (asked.signal.aborted) told.line('Nothing is left behind.')
    throw error
  })
  try {
    if (asked.signal.aborted) return exitCode.cancelled
    const setUpSeconds = (performance.now() - from) / 1_000
    showConfig(world)
    const results = await tellAll(world, visitor)
    if (asked.signal.aborted) return exitCode.cancelled
    const output = {
      version: 1,
      timeFactor: world.lab.durationFactor,
      setUpSeconds,
      storySeconds: told.seconds(),
      stories: results,
    }
    if (json) process.stdout.write(`${JSON.stringify(DemoOutput.parse(output))}\n`)
    else await summary(world, results)
    if (visitor && !json) await lookAround(world)
    return results.every(({ asExpected }) => asExpected) ? exitCode.ok : exitCode.verificationFailed
  } finally {
    told.line('Taking everything down.')
    await world.stop()
    told.line('Nothing is left behind.')
  }
}

function showConfig({ configPath, lab }: World): void {
  told.line('')
  told.line(`Millwright may do what this file says, and nothing else (${configPath}):`)
  for (const line of readFileSync(configPath, 'utf8').trimEnd().split('\n')) told.line(`    ${line}`)
  told.line('')
  told.line(
    `Waiting times of alert rules and soaks are divided by ${lab.durationFactor}; every figure below is with that.`,
  )
}

/** Stories in which a person is asked. */
const asking: ReadonlySet<string> = new Set(['disk-filled-by-logs', 'environment-missing'])

async function tellAll({ lab, supervisor }: World, visitor: boolean): Promise<readonly DemoStory[]> {
  const client = connect(supervisor.folder.root)
  const stage = {
    client,
    state: requireState(lab.name),
    telling: told,
    signal: asked.signal,
    loginCode: supervisor.loginCode,
    dataDir: supervisor.folder.root,
    approver: visitor ? null : client,
  }
  if (visitor) told.line(`The pages: ${supervisor.url}  (login code ${supervisor.loginCode})`)
  told.begin()
  const results: DemoStory[] = []
  for (const story of stories) {
    if (asked.signal.aborted) break
    const asksVisitor = visitor && asking.has(story.name)
    results.push(await tellStory({ ...stage, storySeconds: asksVisitor ? visitorSeconds : storySeconds }, story))
  }
  return results
}

async function summary({ supervisor }: World, results: readonly DemoStory[]): Promise<void> {
  told.line('')
  told.line('What happened, in seconds from the webhook:')
  for (const { name, incident, outcome, reason, secondsFromWebhook: at } of results) {
    told.line(`  ${incident ?? 'none'}  ${name}: ${outcome}${reason === null ? '' : ` (${reason})`}`)
    const parts = Object.entries(at).flatMap(([what, seconds]) =>
      seconds === null ? [] : [`${what} ${seconds.toFixed(2)}`],
    )
    told.line(`      ${parts.join(' · ')}`)
  }
  const list = await connect(supervisor.folder.root).get<IncidentList>('/incidents')
  const besides = [...list.needsYou, ...list.inProgress, ...list.closed].filter(
    ({ number }) => !results.some(({ incident }) => incident === `INC-${number}`),
  )
  for (const row of besides)
    told.line(`  INC-${row.number}  besides, from the same faults: ${row.title}: ${row.badge.word}`)
  told.line('')
  told.line(
    'To connect your own Alertmanager, start your own Millwright (`npx millwright up --config FILE`; README.md,',
  )
  told.line('“Connect your alerts”, has the file) and add three lines to a receiver of yours:')
  told.line('    webhook_configs:')
  told.line('      - url: http://127.0.0.1:8321/hooks/v1/production')
  told.line('        http_config: { authorization: { credentials_file: /etc/alertmanager/millwright.token } }')
  told.line('')
}

async function lookAround({ supervisor }: World): Promise<void> {
  told.line(`Look around: ${supervisor.url}, or in another terminal, in this folder:`)
  told.line(`    export MILLWRIGHT_DATA=${supervisor.folder.root}    # for every command below`)
  told.line('    npx millwright incident list')
  told.line('Ctrl-C ends the demo.')
  if (!asked.signal.aborted) await new Promise((end) => asked.signal.addEventListener('abort', end, { once: true }))
}
