import type { Command } from 'commander'
import { duration, plainText } from '../domain/words.ts'
import type { HandOver, IncidentList, IncidentRow, IncidentView } from '../domain/view.ts'
import { connect } from './client.ts'
import type { CliCommand } from './command.ts'
import { handOverText } from './hand-over-text.ts'
import { incidentNumber } from './incident-number.ts'
import { type ClientOptions, columns, print, say, withClientOptions } from './print.ts'

export default {
  summary: 'list, show, export and close incidents',
  build: (command) => {
    verb(command, 'list', 'incidents that are open or ended today')
      .option('--state <state>', 'only this state, or `open`')
      .action(list)
    verb(command, 'show', 'the story of one incident')
      .argument('<incident>', 'INC-142 or 142', incidentNumber)
      .action(show)
    verb(command, 'export', 'the hand-over of one incident as Markdown, or everything about it with -o json')
      .argument('<incident>', 'INC-142 or 142', incidentNumber)
      .action(exportOne)
    verb(command, 'close', 'end an incident that a person has in hand')
      .argument('<incident>', 'INC-142 or 142', incidentNumber)
      .requiredOption('--says <words>', 'what became of it; stands in the record')
      .action(close)
  },
} satisfies CliCommand

function verb(command: Command, name: string, summary: string): Command {
  return withClientOptions(command.command(name).summary(summary).description(summary))
}

async function list({ data, output, state }: ClientOptions & { readonly state?: string }): Promise<void> {
  const query = state === undefined ? '' : `?state=${encodeURIComponent(state)}`
  const found = await connect(data).get<IncidentList>(`/incidents${query}`)
  print(output, found, () => {
    const rows = [...found.needsYou, ...found.inProgress, ...found.closed]
    if (rows.length === 0) return 'No incident.'
    return columns(['incident', 'state', 'host', 'title', 'lasted'], rows.map(cells))
  })
}

function cells(row: IncidentRow): readonly string[] {
  return [`INC-${row.number}`, row.badge.word, row.host ?? 'unresolved', row.title, duration(row.lasted)]
}

async function show(number: string, { data, output }: ClientOptions): Promise<void> {
  const client = connect(data)
  const incident = await client.get<IncidentView>(`/incidents/${number}`)
  if (output !== 'table' || incident.state !== 'handed-over') return print(output, incident, () => story(incident))
  const pack = await client.get<HandOver>(`/incidents/${number}/hand-over`)
  return print(output, incident, () => `${story(incident)}\n\n${handOverText(pack)}`)
}

function story(incident: IncidentView): string {
  const head = `INC-${incident.number}  ${incident.badge.word}  ${incident.title}`
  const told = incident.story.flatMap((entry) => [
    `${duration(entry.after).padStart(8)}  ${plainText(entry.says)}`,
    ...entry.more.map((line) => `${' '.repeat(10)}${plainText(line)}`),
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

type Close = ClientOptions & { readonly says: string }

async function close(number: string, { data, output, says }: Close): Promise<void> {
  const answer = await connect(data).post(`/incidents/${number}/close`, { says })
  print(output, answer, () => '')
  say(`INC-${number} is closed.`)
}
