// Passes everything on to the lab's own program: nothing outside the lab imports it.
import { join } from 'node:path'
import type { CliCommand } from './command.ts'
import { runByPath } from './run-by-path.ts'

const labProgram = join(import.meta.dirname, '..', 'lab', 'main.ts')

export default {
  summary: 'real hosts on this machine: base, up, status, ssh, faults, break, judge, heal, down',
  build: (command) => {
    command
      .argument('[words...]', 'what to do; `millwright lab --help` lists it')
      .helpOption(false)
      .allowUnknownOption()
      .passThroughOptions()
      .action((words: readonly string[]) => runByPath(labProgram, words))
  },
} satisfies CliCommand
