// The quick look for base64 may find too much, and never too little.
import { expect, test } from 'vitest'
import { base64Runs } from '../../runtime/base64-runs.ts'

const exact = /(?:(?<![A-Za-z0-9+/_-])(?<!\\(?=[nrt]))|(?<=\\[nrt]))[A-Za-z0-9+/_-]{16,}={0,2}/g
const run = 'QUJDREVGR0hJSktMTU5P'
const sides = ['', ' ', '"', '\\', '\\n', '\\t', '\\\\r', '\n', '=', '==', 'n', '%41', 'é', '😀', '\0']

test.each(sides)('after %j everything is found that the exact expression finds', (before) => {
  for (const after of sides) {
    for (const text of [`${before}${run}${after}`, `${before}${run.slice(0, 16)}${after}${run}`, `x${before}n${run}`]) {
      const found = base64Runs(text)
      for (const [blob] of text.matchAll(exact)) expect(found, text).toContain(blob.replace(/=+$/, ''))
    }
  }
})

test('shorter ones are not looked at', () => {
  expect(base64Runs(`${run.slice(0, 15)} ${run.slice(0, 15)}`)).toEqual([])
})
