import { connect } from './client.ts'
import type { CliCommand } from './command.ts'
import { incidentNumber } from './incident-number.ts'
import { type ClientOptions, print, say, withClientOptions } from './print.ts'

export default {
  summary: 'put the reminder of an incident off; what waits still expires when it would have',
  build: (command) => {
    withClientOptions(command)
      .argument('<incident>', 'INC-142 or 142', incidentNumber)
      .option('--minutes <minutes>', 'from 5 to 60', '10')
      .action(snooze)
  },
} satisfies CliCommand

type Options = ClientOptions & { readonly minutes: string }

async function snooze(number: string, { data, output, minutes }: Options): Promise<void> {
  const answer = await connect(data).post<{ readonly until: string }>(`/incidents/${number}/snooze`, { minutes })
  print(output, answer, () => '')
  say(`INC-${number} reminds people again at ${answer.until.slice(11, 16)} UTC.`)
}
