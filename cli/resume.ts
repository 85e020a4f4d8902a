import { connect } from './client.ts'
import type { CliCommand } from './command.ts'
import { type ClientOptions, print, withClientOptions } from './print.ts'

type Options = ClientOptions & { readonly says: string }

export default {
  summary: 'let changes happen again, as far as policy allows them',
  build: (command) => {
    withClientOptions(command)
      .option('--says <words>', 'why; everybody sees it', 'by hand')
      .action(async ({ data, output, says }: Options) => {
        const answer = await connect(data).post('/resume', { says })
        print(output, answer, () => 'Resumed.')
      })
  },
} satisfies CliCommand
