// What was measured is not lost with a benchmark that fails.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { measureAll } from '../../cli/bench.ts'

const result = { name: 'a thing', value: 2, unit: 'ms', control: 1, ratio: 2, against: 'another' }

function program(name: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-bench-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, `${name}.ts`)
  writeFileSync(path, text)
  return path
}

test('a benchmark that fails is named, and the others keep their results', async () => {
  const good = program('good', `console.log('${JSON.stringify(result)}')`)
  const broken = program('broken', `console.log('${JSON.stringify(result)}'); process.exitCode = 1`)
  const silent = program('silent', '')
  const garbled = program('garbled', `console.log('{"name":')`)

  expect(await measureAll([broken, silent, garbled, good])).toEqual({
    benchmarks: [result],
    failed: ['broken', 'silent', 'garbled'],
  })
})
