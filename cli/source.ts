import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { Failure } from '../domain/failure.ts'
import type { DeliveryView, SourceView } from '../domain/fleet-view.ts'
import { readSecret } from '../runtime/secrets.ts'
import { type Client, connect } from './client.ts'
import type { CliCommand } from './command.ts'
import { type ClientOptions, columns, print, say, withClientOptions } from './print.ts'

const pollSeconds = 1
const waitSeconds = 15

export default {
  summary: 'list alert sources, try one out, and watch what they deliver',
  build: (command) => {
    verb(command, 'list', 'every source of the config, and where it posts to').action(list)
    verb(command, 'test', 'post an empty delivery to a source, to see whether its address and credential work')
      .argument('<source>')
      .requiredOption('--bearer <reference>', 'the credential as file:/path or env:NAME')
      .action(test)
    verb(command, 'tail', 'print deliveries as they come in, until Ctrl-C').argument('[source]').action(tail)
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

async function test(
  name: string,
  { data, output, bearer }: ClientOptions & { readonly bearer: string },
): Promise<void> {
  const sources = await connect(data).get<readonly SourceView[]>('/sources')
  const source = sources.find((one) => one.name === name)
  if (source === undefined) {
    const known = sources.map((one) => one.name).join(', ') || 'none'
    throw new Failure({
      code: 'input.unknown-source',
      message: `There is no source ${name}.`,
      hint: `There is: ${known}.`,
    })
  }
  const response = await fetch(source.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${readSecret(bearer)}` },
    body: JSON.stringify(emptyDelivery),
    signal: AbortSignal.timeout(waitSeconds * 1_000),
  })
  const answer: unknown = await response.json().catch(() => null)
  print(output, { status: response.status, answer }, () => `${response.status}: ${JSON.stringify(answer)}`)
  if (!response.ok) process.exitCode = response.status === 401 ? 4 : 1
}

/** Alertmanager's shape, version 4, with our own label: it is answered like any other and opens nothing. */
const emptyDelivery = {
  version: '4',
  groupKey: 'millwright source test',
  truncatedAlerts: 0,
  status: 'resolved',
  receiver: 'millwright',
  groupLabels: {},
  commonLabels: {},
  commonAnnotations: {},
  externalURL: 'http://localhost',
  alerts: [
    {
      status: 'resolved',
      labels: { alertname: 'MillwrightSourceTest', millwright: 'test' },
      annotations: {},
      startsAt: '2026-01-01T00:00:00Z',
      endsAt: '2026-01-01T00:00:01Z',
      generatorURL: '',
      fingerprint: '0000000000000000',
    },
  ],
} as const

/** One line a delivery; with `-o json` one object a line. */
async function tail(name: string | undefined, { data, output }: ClientOptions): Promise<void> {
  const client = connect(data)
  const known = new Set((await deliveries(client, name)).map(({ id }) => id))
  say('Waiting for deliveries. Ctrl-C ends.')
  for (;;) {
    for (const one of (await deliveries(client, name)).toReversed()) {
      if (known.has(one.id)) continue
      known.add(one.id)
      print(output, one, () => line(one))
    }
    await sleep(pollSeconds * 1_000)
  }
}

function deliveries(client: Client, name: string | undefined): Promise<readonly DeliveryView[]> {
  return client.get(`/deliveries${name === undefined ? '' : `?source=${encodeURIComponent(name)}`}`)
}

function line(one: DeliveryView): string {
  const incidents = one.incidents.map((number) => `INC-${number}`).join(' ')
  return `${one.receivedAt}  ${one.source}  ${one.result}  ${incidents}  ${one.says}`
}
