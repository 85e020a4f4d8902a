import { newId } from '../runtime/ids.ts'
import { connect } from './client.ts'
import type { CliCommand } from './command.ts'
import { incidentNumber } from './incident-number.ts'
import { type ClientOptions, print, say, withClientOptions } from './print.ts'

export default {
  summary: 'what models may cost',
  build: (command) => {
    const lift = command.command('lift').description('let an incident that is over budget have so many dollars more')
    withClientOptions(lift)
      .argument('<incident>', 'INC-142 or 142', incidentNumber)
      .argument('<dollars>', 'by list price, such as 2.50')
      .option('--reason <words>', 'why; stands in the record')
      .action(liftBudget)
  },
} satisfies CliCommand

type Options = ClientOptions & { readonly reason?: string }

async function liftBudget(number: string, dollars: string, { data, output, reason = '' }: Options): Promise<void> {
  const body = { id: newId('lift'), dollars, reason }
  const answer = await connect(data).post(`/incidents/${number}/budget`, body)
  print(output, answer, () => '')
  say(`INC-${number} may cost $${dollars} more; the investigation goes on where it paused.`)
}
