import { Option } from 'commander'
import { connect } from './client.ts'
import type { CliCommand } from './command.ts'
import { type ClientOptions, print, say, withClientOptions } from './print.ts'

type Add = ClientOptions & { readonly role: string; readonly team: string }
type Added = { readonly name: string; readonly code: string }

export default {
  summary: 'let a person in, with a one-time code',
  build: (command) => {
    withClientOptions(
      command.command('add').description('a new person, another role, or another code for one who is known'),
    )
      .argument('<name>', 'how the record names them: lower-case letters, digits, dots, dashes')
      .addOption(new Option('--role <role>').choices(['viewer', 'approver', 'admin']).default('approver'))
      .option('--team <team>', 'whose incidents they see', 'default')
      .action(add)
  },
} satisfies CliCommand

async function add(name: string, { data, output, role, team }: Add): Promise<void> {
  const client = connect(data)
  const added = await client.post<Added>('/people', { name, role, team })
  print(output, { ...added, url: client.url }, () => added.code)
  say(`For the login form of ${client.url}, once, within ten minutes.`)
}
