// Passes everything on to the lab's own program: nothing outside the lab imports it.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { exitCode, type CliCommand } from './command.ts'

const labProgram = join(import.meta.dirname, '..', 'lab', 'main.ts')

export default {
  summary: 'real hosts on this machine: base, up, status, ssh, faults, break, judge, heal, down',
  build: (command) => {
    command
      .argument('[words...]', 'what to do; `millwright lab --help` lists it')
      .helpOption(false)
      .allowUnknownOption()
      .passThroughOptions()
      .action(run)
  },
} satisfies CliCommand

/** Ends with the lab's own exit code. */
async function run(words: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [labProgram, ...words], { stdio: 'inherit' })
  // The terminal sends Ctrl-C to both; the lab decides what it means.
  process.on('SIGINT', () => undefined)
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? exitCode.failure))
  })
}
