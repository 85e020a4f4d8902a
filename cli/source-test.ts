// `millwright source test`: posts one empty delivery as the sender would, with the credential that it is given.
import { createHmac, randomUUID } from 'node:crypto'
import type { Command } from 'commander'
import { Failure } from '../domain/failure.ts'
import type { SourceView } from '../domain/telling/fleet-view.ts'
import { readSecret } from '../runtime/secrets.ts'
import { connect } from './client.ts'
import { exitCode } from './command.ts'
import { type ClientOptions, print } from './print.ts'

const waitSeconds = 15

type Options = ClientOptions & {
  readonly bearer?: string
  readonly basic?: string
  readonly user?: string
  readonly hmac?: string
  readonly signatureHeader?: string
  readonly timestampHeader?: string
}

export function buildSourceTest(command: Command): void {
  command
    .argument('<source>')
    .option('--bearer <reference>', 'a token, as file:/path or env:NAME')
    .option('--basic <reference>', 'a password, likewise; with --user')
    .option('--user <name>', 'the name that goes with the password')
    .option('--hmac <reference>', 'a secret that signs, likewise')
    .option('--signature-header <name>', 'where the source’s config names `hmac.headers`; with the next')
    .option('--timestamp-header <name>', 'the header of the time')
    .action(test)
}

async function test(name: string, options: Options): Promise<void> {
  const sources = await connect(options.data).get<readonly SourceView[]>('/sources')
  const source = sources.find((one) => one.name === name)
  if (source === undefined) {
    const known = sources.map((one) => one.name).join(', ') || 'none'
    const hint = `There is: ${known}.`
    throw new Failure({ code: 'input.unknown-source', message: `There is no source ${name}.`, hint })
  }
  const body = JSON.stringify(source.use === 'alertmanager' ? emptyDelivery : {})
  const response = await fetch(source.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...credential(options, body) },
    body,
    signal: AbortSignal.timeout(waitSeconds * 1_000),
  })
  const answer: unknown = await response.json().catch(() => null)
  print(options.output, { status: response.status, answer }, () => `${response.status}: ${JSON.stringify(answer)}`)
  // What a mapped source is sent holds no alert: that it was read at all is what was asked.
  if (response.ok || (response.status === 400 && source.use !== 'alertmanager')) return
  process.exitCode = response.status === 401 ? exitCode.auth : exitCode.failure
}

function credential(
  { bearer, basic, user, hmac, ...headers }: Options,
  body: string,
): Readonly<Record<string, string>> {
  if (
    [bearer, basic, hmac].filter((one) => one !== undefined).length !== 1 ||
    (basic === undefined) !== (user === undefined)
  ) {
    throw new Failure({
      code: 'input.usage',
      message: 'One credential is needed: --bearer, --basic with --user, or --hmac.',
      hint: `Each names where it stands: file:/path or env:NAME.`,
    })
  }
  if (bearer !== undefined) return { authorization: `Bearer ${readSecret(bearer).trim()}` }
  if (basic !== undefined) {
    const both = `${user ?? ''}:${readSecret(basic).trim()}`
    return { authorization: `Basic ${Buffer.from(both).toString('base64')}` }
  }
  return signed(readSecret(hmac ?? '').trim(), body, headers)
}

/** As Standard Webhooks says; with headers of their own: hex over `<timestamp>:<body>`, as Grafana does. */
function signed(
  secret: string,
  body: string,
  { signatureHeader, timestampHeader }: Pick<Options, 'signatureHeader' | 'timestampHeader'>,
): Readonly<Record<string, string>> {
  const time = String(Math.floor(Date.now() / 1_000))
  if (signatureHeader !== undefined && timestampHeader !== undefined) {
    const hex = createHmac('sha256', secret).update(`${time}:${body}`).digest('hex')
    return { [signatureHeader]: hex, [timestampHeader]: time }
  }
  const id = `msg_${randomUUID()}`
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : secret
  const digest = createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': `v1,${digest}` }
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
