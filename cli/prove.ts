// Runs proofs by path: each file of `lab/proofs/` is one promise, judged by an oracle outside the product.
import { join } from 'node:path'
import type { CliCommand } from './command.ts'
import { namedPrograms, programNamed } from './named-programs.ts'
import { print, withOutput } from './print.ts'
import { runByPath } from './run-by-path.ts'

const folder = join(import.meta.dirname, '..', 'lab', 'proofs')

type Options = { readonly runs: string; readonly seed?: string; readonly output: string }

export default {
  summary: 'try to break a promise N times, and count how often that worked',
  build: (command) => {
    withOutput(command, ['text', 'json'])
      .argument('[name]', 'which promise; without one: the list')
      .option('--runs <n>', 'how often', '20')
      .option('--seed <s>', 'makes the same tries again; default: a new one, which is printed')
      .action(prove)
  },
} satisfies CliCommand

async function prove(name: string | undefined, { runs, seed, output }: Options): Promise<void> {
  if (name === undefined) {
    const proofs = namedPrograms(folder)
    print(output === 'json' ? 'json' : 'table', { proofs }, () => proofs.join('\n'))
    return
  }
  const seeds = seed === undefined ? [] : ['--seed', seed]
  await runByPath(programNamed(folder, name), ['--runs', runs, ...seeds, '--output', output])
}
