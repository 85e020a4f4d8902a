import { connect } from './client.ts'
import type { CliCommand } from './command.ts'
import { type ClientOptions, print, withClientOptions } from './print.ts'

type Options = ClientOptions & { readonly says: string }

export default {
  summary: 'stop every change on every host at once',
  build: (command) => {
    withClientOptions(command)
      .option('--says <words>', 'why; everybody sees it', 'by hand')
      .action(async ({ data, output, says }: Options) => {
        const answer = await connect(data).post('/stop', { says })
        print(output, answer, () => 'Stopped: no run starts, and running ones are cancelled.')
      })
  },
} satisfies CliCommand
