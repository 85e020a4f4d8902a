import { type Command, Option } from 'commander'
import type { PersonView } from '../domain/telling/fleet-view.ts'
import { connect } from './client.ts'
import type { CliCommand } from './command.ts'
import { momentIn, type TimeOptions, withTime } from './moment.ts'
import { type ClientOptions, columns, print, say, withClientOptions } from './print.ts'

type Invite = ClientOptions & { readonly role: string; readonly team: string }
type Invited = { readonly name: string; readonly code: string; readonly did: 'invited' | 'changed' | 'known' }

export default {
  summary: 'list, let in and remove people',
  build: (command) => {
    withTime(verb(command, 'list', 'who may log in, with which role, and who let them in')).action(list)
    verb(command, 'invite', 'let a person in, change their role or team, or make another code for one who is known')
      .argument('<name>', 'how the record names them: lower-case letters, digits, dots, dashes')
      .addOption(new Option('--role <role>').choices(['viewer', 'approver', 'admin']).default('approver'))
      .option('--team <team>', 'whose incidents they see', 'default')
      .action(invite)
    verb(command, 'remove', 'end a person’s role and every login of theirs, now').argument('<name>').action(remove)
  },
} satisfies CliCommand

function verb(command: Command, name: string, summary: string): Command {
  return withClientOptions(command.command(name).summary(summary).description(summary))
}

async function list({ data, output, time }: ClientOptions & TimeOptions): Promise<void> {
  const people = await connect(data).get<readonly PersonView[]>('/people')
  const moment = momentIn(time)
  const rows = () => people.map((person) => cells(person, moment))
  print(output, people, () => columns(['name', 'role', 'team', 'logins', 'last seen', 'let in by'], rows()))
}

function cells(person: PersonView, moment: (iso: string) => string): readonly string[] {
  const { name, role, team, sessions, lastSeenAt, letInBy } = person
  return [
    name,
    role,
    team,
    String(sessions),
    lastSeenAt === null ? 'never' : moment(lastSeenAt),
    letInBy ?? 'the start',
  ]
}

const words = { invited: 'is let in', changed: 'has another role or team now', known: 'is known' } as const

async function invite(name: string, { data, output, role, team }: Invite): Promise<void> {
  const client = connect(data)
  const invited = await client.post<Invited>('/people', { name, role, team })
  print(output, { ...invited, url: client.url }, () => invited.code)
  say(`${name} ${words[invited.did]}. The code is for the login form of ${client.url}, once, within ten minutes.`)
}

async function remove(name: string, { data, output }: ClientOptions): Promise<void> {
  const answer = await connect(data).post(`/people/${encodeURIComponent(name)}/remove`, {})
  print(output, answer, () => '')
  say(`${name} is removed; every login of theirs has ended.`)
}
