// Runs benchmarks by path, one after another: each file of `bench/` prints a value beside a control of the same run.
import { availableParallelism, loadavg } from 'node:os'
import { basename, join } from 'node:path'
import { execa } from 'execa'
import { z } from 'zod'
import type { CliCommand } from './command.ts'
import { namedPrograms, programNamed } from './named-programs.ts'
import { columns, type Format, print, say, withOutput } from './print.ts'

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
    withOutput(command).argument('[names...]', 'which; without one: all').action(bench)
  },
} satisfies CliCommand

async function bench(names: readonly string[], { output }: { readonly output: Format }): Promise<void> {
  const programs = (names.length === 0 ? namedPrograms(folder) : names).map((name) => programNamed(folder, name))
  sayOtherWork()
  const { benchmarks, failed } = await measureAll(programs)
  print(output, { benchmarks }, () => table(benchmarks), benchmarks)
  const [first] = failed
  if (first === undefined) return
  say(`Failed, so nothing of it is above: ${failed.join(', ')}. One alone: npm run bench -- ${first}`)
  process.exitCode = 1
}

type Measured = { readonly benchmarks: readonly Benchmark[]; readonly failed: readonly string[] }

/** Runs each program, tells what it measured as soon as it did, and goes on where one fails. */
export async function measureAll(programs: readonly string[]): Promise<Measured> {
  const benchmarks: Benchmark[] = []
  const failed: string[] = []
  for (const [at, program] of programs.entries()) {
    const name = basename(program, '.ts')
    say(`${name} (${at + 1} of ${programs.length}) …`)
    const measured = await run(program)
    benchmarks.push(...measured)
    for (const one of measured) say(`  ${told(one)}`)
    if (measured.length === 0) failed.push(name)
  }
  return { benchmarks, failed }
}

/** Ratios bear other work better than milliseconds do, but not everything. */
function sayOtherWork(): void {
  const [load = 0] = loadavg()
  const cores = availableParallelism()
  if (load < cores / 2) return
  say(`This machine has other work (load ${load.toFixed(1)} on ${cores} cores): only ratios say something.`)
}

/** A program prints one JSON object a line for each thing that it measures. Empty when it failed. */
async function run(program: string): Promise<readonly Benchmark[]> {
  const { stdout, exitCode } = await execa(process.execPath, [program, '--output', 'json'], {
    stderr: 'inherit',
    reject: false,
    timeout: limitMinutes * 60_000,
  })
  const parsed = Lines.safeParse(jsonOf(stdout.split('\n').filter((line) => line.startsWith('{'))))
  if (exitCode === 0 && parsed.success) return parsed.data
  say(`  It ended with ${exitCode ?? 'a signal'}${parsed.success ? '' : ' and printed no results'}.`)
  return []
}

/** Null when one of them was cut off in the middle. */
function jsonOf(lines: readonly string[]): unknown {
  try {
    return lines.map((line): unknown => JSON.parse(line))
  } catch {
    return null
  }
}

function told({ name, value, unit, control, ratio }: Benchmark): string {
  return `${name}: ${rounded(value)} ${unit}, control ${rounded(control)} ${unit}, ratio ${rounded(ratio)}`
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

/** Three digits that count, never written with an exponent. */
function rounded(number: number): string {
  const digits = number === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(number))))
  return number.toFixed(digits)
}
