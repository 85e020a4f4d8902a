import { count } from '../domain/text.ts'
import type { SystemStatus } from '../domain/telling/fleet-view.ts'
import { connect } from './client.ts'
import type { CliCommand } from './command.ts'
import { momentIn, type TimeOptions, withTime } from './moment.ts'
import { type ClientOptions, columns, print, withClientOptions } from './print.ts'

export default {
  summary: 'what runs, what waits for a person, and whether anything may be changed',
  build: (command) => {
    withTime(withClientOptions(command)).action(async ({ data, output, time }: ClientOptions & TimeOptions) => {
      const client = connect(data)
      const status = await client.get<SystemStatus>('/status')
      print(output, { url: client.url, ...status }, () => table(client.url, status, momentIn(time)))
    })
  },
} satisfies CliCommand

function table(url: string, status: SystemStatus, moment: (iso: string) => string): string {
  const { stopped, incidents, playbooks, dispatch, outbox } = status
  const rows = [
    ['pages', url],
    [
      'changes',
      stopped === null ? 'allowed by policy' : `stopped by ${stopped.by} since ${moment(stopped.at)}: ${stopped.says}`,
    ],
    ['incidents', `${count(incidents.needsYou, 'needs you', 'need you')}, ${incidents.inProgress} in progress`],
    ['sources', String(status.sources)],
    ['hosts', String(status.hosts)],
    ['playbooks', `${playbooks.usable} of ${playbooks.known} above draft`],
    ['dispatch', queue(dispatch.waiting, dispatch.error)],
    ['messages', queue(outbox.waiting, outbox.error)],
    ['time factor', String(status.timeFactor)],
  ]
  return columns(['what', 'state'], rows, 160)
}

function queue(waiting: number, error: string | null): string {
  return `${waiting} waiting${error === null ? '' : ` (last error: ${error})`}`
}
