import { join } from 'node:path'
import type { Command } from 'commander'
import { execa } from 'execa'
import { z } from 'zod'
import { Failure, failureCode } from '../domain/failure.ts'
import type { HostView } from '../domain/telling/fleet-view.ts'
import { connect } from './client.ts'
import { type CliCommand, exitCode } from './command.ts'
import { momentIn, type TimeOptions, withTime } from './moment.ts'
import { type ClientOptions, columns, type Format, print, withClientOptions, withOutput } from './print.ts'

const checkProgram = join(import.meta.dirname, '..', 'workers', 'check-hosts.ts')
const checkMinutes = 10

const Refused = z.looseObject({ code: z.string(), message: z.string(), hint: z.string().nullable() })
const Check = z.looseObject({ says: z.string(), holds: z.boolean(), seen: z.string(), fix: z.string() })
const Checked = z.array(z.looseObject({ host: z.string(), checks: z.array(Check) }))

export default {
  summary: 'list, check, quarantine and release the hosts of the inventory',
  build: (command) => {
    withTime(withClientOptions(command.command('list').description('every host of the inventory'))).action(list)
    reasoned(command, 'quarantine', 'let nothing change on a host until a person releases it')
    reasoned(command, 'release', 'let a host in quarantine be changed again, as far as policy allows')
    withOutput(command.command('check'))
      .description('does each host let Millwright read, and nothing more')
      .argument('[hosts...]', 'which; without one: all of the inventory')
      .requiredOption('--config <file>', 'the config that names inventory and read key')
      .action(check)
  },
} satisfies CliCommand

function reasoned(command: Command, act: 'quarantine' | 'release', summary: string): void {
  withClientOptions(command.command(act).description(summary))
    .argument('<host>', 'its id or name')
    .requiredOption('--reason <words>', 'why; everybody sees it, and it stands in the record')
    .action(async (host: string, { data, output, reason }: ClientOptions & { readonly reason: string }) => {
      const answer = await connect(data).post(`/hosts/${encodeURIComponent(host)}/${act}`, { says: reason })
      print(output, answer, () => (act === 'quarantine' ? `${host} is in quarantine.` : `${host} is released.`))
    })
}

async function list({ data, output, time }: ClientOptions & TimeOptions): Promise<void> {
  const hosts = await connect(data).get<readonly HostView[]>('/hosts')
  print(output, hosts, () => {
    if (hosts.length === 0) return 'No host: the config names no inventory (`inventory: { use: yaml, … }`).'
    return columns(
      ['host', 'address', 'role', 'environment', 'keys', 'open', 'last seen', 'quarantine'],
      hosts.map((host) => cells(host, momentIn(time))),
    )
  })
}

function cells(host: HostView, moment: (iso: string) => string): readonly string[] {
  const open = host.openIncidents.map(({ number }) => `INC-${number}`).join(' ')
  const seen = host.lastSeenAt === null ? 'never' : moment(host.lastSeenAt)
  const keys = host.keys === 0 ? 'none pinned' : String(host.keys)
  const quarantine = host.quarantined === null ? '' : `by ${host.quarantined.by}: ${host.quarantined.because}`
  return [host.name, host.address, host.role, host.environment, keys, open, seen, quarantine]
}

type CheckOptions = { readonly config: string; readonly output: Format }

async function check(hosts: readonly string[], { config, output }: CheckOptions): Promise<void> {
  const { stdout } = await execa(process.execPath, [checkProgram, '--config', config, '--', ...hosts], {
    stderr: 'inherit',
    reject: false,
    timeout: checkMinutes * 60_000,
  })
  const answer: unknown = JSON.parse(stdout)
  const refused = Refused.safeParse(answer)
  if (refused.success) {
    const { message, hint } = refused.data
    throw new Failure({ code: failureCode(refused.data), message, ...(hint === null ? {} : { hint }) })
  }
  const checked = Checked.parse(answer)
  print(output, checked, () => {
    const rows = checked.flatMap(({ host, checks }) =>
      checks.map((one) => [host, one.holds ? 'yes' : 'NO', one.says, one.holds ? one.seen : `${one.seen}: ${one.fix}`]),
    )
    return columns(['host', 'holds', 'what', 'seen'], rows, 160)
  })
  if (checked.some(({ checks }) => checks.some(({ holds }) => !holds))) process.exitCode = exitCode.failure
}
