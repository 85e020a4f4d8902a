// What each benchmark prints has the contract's shape, in a run too short to say anything about speed.
import { execa } from 'execa'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { namedPrograms } from '../../cli/named-programs.ts'
import { BenchOutput } from '../contract/output.ts'

const root = join(import.meta.dirname, '..', '..')
const limitMilliseconds = 600_000
const short = {
  BENCH_ROUNDS: '1',
  BENCH_WARM_UPS: '0',
  BENCH_HOSTS: '1',
  BENCH_WAITING: '4',
  BENCH_QUIET: '500',
  BENCH_SECONDS: '1',
}

test.for(namedPrograms(join(root, 'bench')))(
  'the benchmark %s prints values beside controls',
  { timeout: limitMilliseconds + 60_000 },
  async (name) => {
    const millwright = [join(root, 'bin', 'millwright.mjs'), 'bench', name, '-o', 'json']
    const { stdout } = await execa(process.execPath, millwright, { cwd: root, env: short, timeout: limitMilliseconds })
    const { benchmarks } = BenchOutput.parse(JSON.parse(stdout))

    expect(benchmarks).not.toEqual([])
    for (const { value, control, ratio } of benchmarks) expect(ratio).toBeCloseTo(value / control)
  },
)
