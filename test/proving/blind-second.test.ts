import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { secondBlind } from '../../lab/proving/blind-second/all.ts'
import { labelsOf } from '../../lab/proving/recall/raised.ts'

const lab = join(import.meta.dirname, '../../lab')
const textsBelow = (folder: string): readonly string[] =>
  readdirSync(join(lab, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))

test('the second blind set has forty faults', () => {
  expect(new Set(secondBlind.map(({ name }) => name)).size).toBe(40)
})

test.each(secondBlind)('neither the alert of $name nor a healthy host gives its cause away', (fault) => {
  const { clue, unit } = fault
  const alert = JSON.stringify(labelsOf(fault, 'web-01'))

  expect([alert, unit, ...textsBelow('rules'), ...textsBelow('tree')].filter((text) => clue?.test(text))).toEqual([])
})
