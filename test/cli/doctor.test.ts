import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { tools } from '../../bin/tools.mjs'

const main = join(import.meta.dirname, '..', '..', 'cli', 'main.ts')

type Answer = { readonly name: string; readonly state: string; readonly found: string; readonly fix: string | null }
type Report = { readonly ok: boolean; readonly checks: readonly Answer[] }

async function doctor(
  env: Record<string, string> = {},
): Promise<{ readonly report: Report; readonly exitCode: number }> {
  const ran = await execa(process.execPath, [main, 'doctor', '-o', 'json'], { reject: false, env })
  const report: Report = JSON.parse(ran.stdout)
  return { report, exitCode: ran.exitCode ?? -1 }
}

test('the doctor checks every tool of the set-up, and what is not fine has a fix', async () => {
  const { report, exitCode } = await doctor()
  const names = report.checks.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(tools.map(({ name }) => name)))
  expect(names).toEqual(
    expect.arrayContaining(['platform', 'root', 'python3', 'disk space', 'control groups', 'kernel']),
  )
  for (const { state, fix } of report.checks) expect(fix === null).toBe(state === 'ok')
  expect(report.ok).toBe(report.checks.every(({ state }) => state !== 'missing'))
  expect(exitCode).toBe(report.ok ? 0 : 1)
})

test('with an empty cache the doctor misses what lies there and offers to get it', async () => {
  const { report, exitCode } = await doctor({ MILLWRIGHT_CACHE: '/nowhere/cache' })
  const postgres = report.checks.find(({ name }) => name === 'postgres')
  expect(postgres).toMatchObject({ state: 'missing', fix: 'npx millwright doctor --fix' })
  expect(exitCode).toBe(1)
})
