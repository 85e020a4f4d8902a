import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import type { DeliveryView, SourceView } from '../domain/telling/fleet-view.ts'
import { type Client, connect } from './client.ts'
import type { CliCommand } from './command.ts'
import { momentIn, type TimeOptions, withTime } from './moment.ts'
import { type ClientOptions, columns, print, say, withClientOptions } from './print.ts'
import { buildSourceTest } from './source-test.ts'

const pollSeconds = 1

export default {
  summary: 'list alert sources, try one out, and watch what they deliver',
  build: (command) => {
    verb(command, 'list', 'every source of the config, and where it posts to').action(list)
    buildSourceTest(
      verb(command, 'test', 'post an empty delivery to a source, to see whether its address and credential work'),
    )
    withTime(verb(command, 'tail', 'print deliveries as they come in, until Ctrl-C'))
      .argument('[source]')
      .action(tail)
  },
} satisfies CliCommand

function verb(command: Command, name: string, summary: string): Command {
  return withClientOptions(command.command(name).summary(summary).description(summary))
}

async function list({ data, output }: ClientOptions): Promise<void> {
  const sources = await connect(data).get<readonly SourceView[]>('/sources')
  print(output, sources, () => {
    if (sources.length === 0) return 'No source: the config names none (`sources: { NAME: { use: alertmanager, … } }`).'
    const cells = sources.map((one) => [one.name, one.use, one.environment, String(one.today), one.url])
    return columns(['source', 'use', 'environment', 'today', 'posts to'], cells, 120)
  })
}

/** One line a delivery, and one for each of its new alerts; with `-o json` one object a line. */
async function tail(name: string | undefined, { data, output, time }: ClientOptions & TimeOptions): Promise<void> {
  const client = connect(data)
  const known = new Set((await deliveries(client, name)).map(({ id }) => id))
  say('Waiting for deliveries. Ctrl-C ends.')
  for (;;) {
    for (const one of (await deliveries(client, name)).toReversed()) {
      if (known.has(one.id)) continue
      known.add(one.id)
      print(output, one, () => line(one, momentIn(time)))
    }
    await sleep(pollSeconds * 1_000)
  }
}

function deliveries(client: Client, name: string | undefined): Promise<readonly DeliveryView[]> {
  return client.get(`/deliveries${name === undefined ? '' : `?source=${encodeURIComponent(name)}`}`)
}

function line(one: DeliveryView, moment: (iso: string) => string): string {
  const incidents = one.incidents.map((number) => `INC-${number}`).join(' ')
  const alerts = one.alerts.map((alert) => `\n  ${alertLine(alert)}`).join('')
  return `${moment(one.receivedAt)}  ${one.source}  ${one.result}  ${incidents}  ${one.says}${alerts}`
}

/** On one line, whatever stands in it. */
function alertLine({ name, labels }: DeliveryView['alerts'][number]): string {
  const said = Object.entries(labels).filter(([label]) => label !== 'alertname')
  return [name, ...said.map(([label, value]) => `${label}=${JSON.stringify(value)}`)].join(' ').replaceAll(/\s+/g, ' ')
}
