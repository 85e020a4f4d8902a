// What is built once for each version of the workflows does not pile up for ever.
import { copyFileSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { beforeEach, afterEach, expect, inject, test } from 'vitest'
import { workflowBundle } from '../../workers/bundle.ts'

const own = basename(inject('workflowBundle'))
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millwright-bundles-'))
  copyFileSync(inject('workflowBundle'), join(folder, own))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Bundles of other versions, last used so many days ago; their names in that order. */
function others(days: readonly number[], name = (at: number) => `${String(at).padStart(32, '0')}.js`): string[] {
  return days.map((ago, at) => {
    const file = name(at)
    writeFileSync(join(folder, file), '')
    used(file, ago)
    return file
  })
}

function used(file: string, daysAgo: number): void {
  const at = new Date(Date.now() - daysAgo * 86_400_000)
  utimesSync(join(folder, file), at, at)
}

test('of the bundles that nobody has used for a month, only the last few stay beside the one in use', async () => {
  const old = others([31, 32, 33, 34, 35, 36, 37, 38, 39, 400])
  used(own, 500)

  expect(await workflowBundle(folder)).toEqual({ codePath: join(folder, own) })

  expect(readdirSync(folder).toSorted()).toEqual([...old.slice(0, 7), own].toSorted())
})

test('what was used within a month stays, however many there are', async () => {
  const young = others(Array.from({ length: 20 }, (_, at) => at))

  await workflowBundle(folder)

  expect(readdirSync(folder).toSorted()).toEqual([...young, own].toSorted())
})

test('what an interrupted build left goes too, and what is not ours stays', async () => {
  others(Array.from({ length: 9 }, () => 1))
  others([60], () => `${'a'.repeat(32)}.js.4711.part`)
  const [notes = ''] = others([60], () => 'notes.txt')

  await workflowBundle(folder)

  const left = readdirSync(folder)
  expect(left.filter((name) => name.endsWith('.part'))).toEqual([])
  expect(left).toContain(notes)
})
