// Starts the demo by path: it needs the lab, and nothing outside the lab imports that.
import { join } from 'node:path'
import type { CliCommand } from './command.ts'
import { withOutput } from './print.ts'
import { runByPath } from './run-by-path.ts'

const program = join(import.meta.dirname, '..', 'lab', 'demo', 'main.ts')

export default {
  summary: 'the whole story on real hosts: one fault repaired alone, one after asking, one handed over',
  build: (command) => {
    withOutput(command, ['text', 'json'])
      .option('--yes', 'approve by itself, and end by itself')
      .action(({ yes, output }: { readonly yes?: boolean; readonly output: string }) =>
        runByPath(program, [...(yes === true ? ['--yes'] : []), '--output', output]),
      )
  },
} satisfies CliCommand
