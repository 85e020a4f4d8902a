// Runs benchmarks by path, one after another: each file of `bench/` prints a value beside a control of the same run.
import { join } from 'node:path'
import { execa } from 'execa'
import { z } from 'zod'
import { Failure } from '../domain/failure.ts'
import type { CliCommand } from './command.ts'
import { namedPrograms, programNamed } from './named-programs.ts'
import { columns, print, say } from './print.ts'

const folder = join(import.meta.dirname, '..', 'bench')
/** A benchmark that takes longer has hung. */
const limitMinutes = 15

const Benchmark = z.looseObject({
  name: z.string(),
  value: z.number(),
  unit: z.string(),
  control: z.number(),
  ratio: z.number(),
  against: z.string(),
})
type Benchmark = z.infer<typeof Benchmark>
const Lines = z.array(Benchmark).min(1)

export default {
  summary: 'measure every speed that is promised, each beside a control',
  build: (command) => {
    command
      .argument('[names...]', 'which; without one: all')
      .option('-o, --output <format>', 'text or json', 'text')
      .action(bench)
  },
} satisfies CliCommand

async function bench(names: readonly string[], { output }: { readonly output: string }): Promise<void> {
  const chosen = names.length === 0 ? namedPrograms(folder) : names
  const benchmarks: Benchmark[] = []
  for (const name of chosen) {
    say(`${name} …`)
    benchmarks.push(...(await run(name)))
  }
  print(output === 'json' ? 'json' : 'table', { benchmarks }, () => table(benchmarks))
}

/** A program prints one JSON object a line for each thing that it measures. */
async function run(name: string): Promise<readonly Benchmark[]> {
  const { stdout, exitCode } = await execa(process.execPath, [programNamed(folder, name), '--output', 'json'], {
    stderr: 'inherit',
    reject: false,
    timeout: limitMinutes * 60_000,
  })
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'))
  const parsed = Lines.safeParse(lines.map((line): unknown => JSON.parse(line)))
  if (exitCode === 0 && parsed.success) return parsed.data
  throw new Failure({
    code: 'bug',
    message: `The benchmark ${name} ended with ${exitCode ?? 'a signal'} and printed ${lines.length} results.`,
    ...(parsed.success ? {} : { cause: parsed.error }),
  })
}

function table(benchmarks: readonly Benchmark[]): string {
  const rows = benchmarks.map(({ name, value, unit, control, ratio, against }) => [
    name,
    `${rounded(value)} ${unit}`,
    `${rounded(control)} ${unit}`,
    rounded(ratio),
    against,
  ])
  return columns(['what', 'value', 'control', 'ratio', 'against'], rows)
}

function rounded(number: number): string {
  return number.toPrecision(3)
}
