import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, onTestFinished, test } from 'vitest'

const program = join(import.meta.dirname, '..', '..', 'bin', 'test.mjs')

/** `npm test` with a folder for temporary things of its own. */
function npmTest(...args: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-test-command-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const run = execa(process.execPath, [program, ...args], { env: { TMPDIR: folder }, reject: false, all: true })
  return { run, left: () => readdirSync(folder) }
}

test('an interrupted run leaves nothing temporary behind, and is no pass', async () => {
  const { run, left } = npmTest('--unit', 'test/bin/foreground.test.ts')
  for await (const line of run.iterable()) if (line.includes('RUN')) run.kill('SIGINT')

  expect((await run).exitCode).not.toBe(0)
  expect(left()).toEqual([])
})

test('what it runs adds nothing to the counts of .ci/run, which are this command’s own', () => {
  expect(process.env['MILLWRIGHT_COUNTS']).toBeUndefined()
})

test('an option that it does not have is refused in one sentence, before anything is set up', async () => {
  const { run } = npmTest('--bogus')

  expect(await run).toMatchObject({
    exitCode: 1,
    all: expect.stringMatching(/^npm test: there is no option --bogus, because it takes .*; leave it out\.$/m),
  })
})
