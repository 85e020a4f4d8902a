import { short } from '../domain/telling/story.ts'
import type { PendingApproval } from '../domain/telling/view.ts'
import { connect } from './client.ts'
import type { CliCommand } from './command.ts'
import { nothingWaits } from './decide.ts'
import { incidentNumber } from './incident-number.ts'
import { type ClientOptions, print, say, withClientOptions } from './print.ts'

export default {
  summary: 'have the host looked at anew before you decide; the plan that waits is dropped',
  build: (command) => {
    withClientOptions(command)
      .argument('<incident>', 'INC-142 or 142', incidentNumber)
      .option('--reason <words>', 'what you want to know; stands in the record', '')
      .action(askMore)
  },
} satisfies CliCommand

type Options = ClientOptions & { readonly reason: string }

async function askMore(number: string, { data, output, reason }: Options): Promise<void> {
  const client = connect(data)
  const waiting = await client.get<PendingApproval>(`/incidents/${number}/approval`)
  if (waiting.kind !== 'pending') throw nothingWaits(number, waiting)
  const answer = await client.post(`/plans/${waiting.plan.digest}/ask-more`, { reason })
  print(output, answer, () => '')
  say(`Plan ${short(waiting.plan.digest)} is dropped. INC-${number} is looked at anew, and asks anew.`)
}
