import type { Command } from 'commander'
import { Failure } from '../domain/failure.ts'
import { duration } from '../domain/text.ts'
import { plainText } from '../domain/telling/words.ts'
import type { HandOver, IncidentList, IncidentRow, IncidentView } from '../domain/telling/view.ts'
import { connect } from './client.ts'
import type { CliCommand } from './command.ts'
import { handOverText } from './hand-over-text.ts'
import { incidentNumber } from './incident-number.ts'
import { momentIn, type TimeOptions, withTime } from './moment.ts'
import { type ClientOptions, columns, print, say, withClientOptions } from './print.ts'
import { waitForEnd, withTimeout } from './wait.ts'

export default {
  summary: 'list, show, wait for, export and close incidents',
  build: (command) => {
    withTime(verb(command, 'list', 'incidents that are open or ended today'))
      .option('--state <state>', 'only this state, or `open`')
      .action(list)
    withTime(verb(command, 'show', 'the story of one incident'))
      .argument('<incident>', 'INC-142 or 142', incidentNumber)
      .action(show)
    withTimeout(verb(command, 'wait', 'wait until an incident is closed, or a person has it'))
      .argument('<incident>', 'INC-142 or 142', incidentNumber)
      .action(wait)
    verb(command, 'export', 'the hand-over of one incident as Markdown, or everything about it with -o json')
      .argument('<incident>', 'INC-142 or 142', incidentNumber)
      .action(exportOne)
    verb(command, 'close', 'end an incident that a person has in hand')
      .argument('<incident>', 'INC-142 or 142', incidentNumber)
      .option('--says <words>', 'required: what became of it; stands in the record')
      .action(close)
  },
} satisfies CliCommand

function verb(command: Command, name: string, summary: string): Command {
  return withClientOptions(command.command(name).summary(summary).description(summary))
}

type List = ClientOptions & TimeOptions & { readonly state?: string }

async function list({ data, output, state, time }: List): Promise<void> {
  const query = state === undefined ? '' : `?state=${encodeURIComponent(state)}`
  const found = await connect(data).get<IncidentList>(`/incidents${query}`)
  const rows = [...found.needsYou, ...found.inProgress, ...found.closed]
  const moment = momentIn(time)
  const table = () => {
    if (rows.length === 0) return 'No incident.'
    const cells = rows.map((row) => cellsOf(row, moment))
    return columns(['incident', 'state', 'host', 'title', 'opened', 'lasted'], cells)
  }
  print(output, found, table, rows)
}

function cellsOf(row: IncidentRow, moment: (iso: string) => string): readonly string[] {
  const { number, badge, host, title, openedAt, lasted } = row
  return [`INC-${number}`, badge.word, host ?? 'unresolved', title, moment(openedAt), duration(lasted)]
}

async function show(number: string, { data, output, time }: ClientOptions & TimeOptions): Promise<void> {
  const client = connect(data)
  const incident = await client.get<IncidentView>(`/incidents/${number}`)
  const told = () => story(incident, momentIn(time))
  if (output !== 'table' || incident.state !== 'handed-over') return print(output, incident, told)
  const pack = await client.get<HandOver>(`/incidents/${number}/hand-over`)
  return print(output, incident, () => `${told()}\n\n${handOverText(pack)}`)
}

type Wait = ClientOptions & { readonly timeout: number }

async function wait(number: string, { data, output, timeout }: Wait): Promise<void> {
  const incident = await waitForEnd(connect(data), number, timeout)
  print(output, incident, () => `INC-${number}  ${incident.badge.word}  ${incident.title}`)
}

function story(incident: IncidentView, moment: (iso: string) => string): string {
  const head = `INC-${incident.number}  ${incident.badge.word}  ${incident.title}`
  const told = incident.story.flatMap((entry) => [
    `${duration(entry.after).padStart(8)}  ${plainText(entry.says, moment)}`,
    ...entry.more.map((line) => `${' '.repeat(10)}${plainText(line, moment)}`),
  ])
  return [head, '', ...told].join('\n')
}

async function exportOne(number: string, { data, output }: ClientOptions): Promise<void> {
  const client = connect(data)
  if (output === 'table') {
    process.stdout.write(await client.getText(`/incidents/${number}/hand-over`, 'text/markdown'))
    return
  }
  const [incident, handOver] = [
    await client.get(`/incidents/${number}`),
    await client.get(`/incidents/${number}/hand-over`),
  ]
  print(output, { incident, handOver }, () => '')
}

type Close = ClientOptions & { readonly says?: string }

async function close(number: string, { data, output, says }: Close): Promise<void> {
  if (says === undefined) {
    const hint = `For example: npx millwright incident close ${number} --says 'the disk was replaced'`
    throw new Failure({ code: 'input.usage', message: 'An incident is closed with --says, what became of it.', hint })
  }
  const answer = await connect(data).post(`/incidents/${number}/close`, { says })
  print(output, answer, () => '')
  say(`INC-${number} is closed.`)
}
