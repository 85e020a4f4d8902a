import type { HostView } from '../domain/fleet-view.ts'
import { connect } from './client.ts'
import type { CliCommand } from './command.ts'
import { type ClientOptions, columns, print, withClientOptions } from './print.ts'

export default {
  summary: 'list the hosts of the inventory, and check what each one needs',
  build: (command) => {
    withClientOptions(command.command('list').description('every host of the inventory')).action(list)
  },
} satisfies CliCommand

async function list({ data, output }: ClientOptions): Promise<void> {
  const hosts = await connect(data).get<readonly HostView[]>('/hosts')
  print(output, hosts, () => {
    if (hosts.length === 0) return 'No host: the config names no inventory (`inventory: { use: yaml, … }`).'
    return columns(['host', 'address', 'role', 'environment', 'keys', 'open', 'last seen'], hosts.map(cells))
  })
}

function cells(host: HostView): readonly string[] {
  const open = host.openIncidents.map(({ number }) => `INC-${number}`).join(' ')
  const keys = host.keys === 0 ? 'none pinned' : String(host.keys)
  return [host.name, host.address, host.role, host.environment, keys, open, host.lastSeenAt ?? 'never']
}
