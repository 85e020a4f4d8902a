import { dataFolder, forget } from '../runtime/data-folder.ts'
import { connect } from './client.ts'
import type { CliCommand } from './command.ts'
import { say } from './print.ts'

export default {
  summary: 'end the login of these commands, and forget its token',
  build: (command) => {
    command.option('--data <dir>', 'the folder that keeps the token').action(async ({ data }: { data?: string }) => {
      await connect(data).post('/logout', {})
      forget(dataFolder(data).cliToken)
      say('Logged out. `millwright login` logs in again; `millwright up` logs its own user in at each start.')
    })
  },
} satisfies CliCommand
