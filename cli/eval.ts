// How good a model is at this work, measured on real hosts. Both programs are started by path: nothing outside the lab
// imports it.
import { join } from 'node:path'
import type { CliCommand } from './command.ts'
import { withOutput } from './print.ts'
import { runByPath } from './run-by-path.ts'

const folder = join(import.meta.dirname, '..', 'lab', 'eval')

type Run = {
  readonly config?: string
  readonly scripted?: true
  readonly only?: string
  readonly runs: string
  readonly record?: string
  readonly output: string
}

export default {
  summary: 'measure a model on the faults of the lab, and judge its recorded answers again',
  build: (command) => {
    const run = command.command('run').description('break real hosts, ask a model, and print what became of it')
    withOutput(run, ['text', 'json'])
      .option('--config <file>', 'whose `models` and `budgets` are used; keys are references in it')
      .option('--scripted', 'the scripted model of the lab instead, which says nothing about a real one')
      .option('--only <faults>', 'comma-separated; default: every fault of the lab')
      .option('--runs <n>', 'tries of each fault', '3')
      .option('--record <dir>', 'writes a transcript of each try of which a model was asked')
      .action(({ output, scripted, ...options }: Run) => {
        const named = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])
        const flags = scripted === true ? ['--scripted'] : []
        return runByPath(join(folder, 'main.ts'), [...named, ...flags, '--output', output])
      })
    const replay = command.command('replay').description('judge recorded answers again, with the gate as it is now')
    withOutput(replay, ['text', 'json'])
      .argument('<dir>', 'of transcripts')
      .action((dir: string, { output }: { readonly output: string }) =>
        runByPath(join(folder, 'replay.ts'), ['--output', output, '--', dir]),
      )
  },
} satisfies CliCommand
