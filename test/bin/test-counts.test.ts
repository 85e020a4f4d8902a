import { expect, test } from 'vitest'
import { countTests } from '../../bin/test-counts.mjs'

const passed = { status: 'passed', fullName: 'holds' }

function report(...testResults: readonly object[]): string {
  return JSON.stringify({ testResults })
}

function file(parts: object = {}): object {
  return { name: 'a.test.ts', status: 'passed', message: '', assertionResults: [passed], ...parts }
}

test('passed and failed tests are counted as they are', () => {
  const failed = { status: 'failed', fullName: 'breaks' }
  const text = report(file(), file({ status: 'failed', assertionResults: [passed, failed] }))
  expect(countTests(text, 1)).toEqual({ passed: 2, failed: 1, complaints: [] })
})

test('a file that does not load has failed', () => {
  const text = report(file(), file({ status: 'failed', message: 'Cannot find module\nat x', assertionResults: [] }))
  expect(countTests(text, 1)).toEqual({
    passed: 1,
    failed: 1,
    complaints: ['Could not be loaded or torn down: a.test.ts: Cannot find module'],
  })
})

test('a skipped test has failed and is named', () => {
  const text = report(file({ assertionResults: [passed, { status: 'skipped', fullName: 'later' }] }))
  expect(countTests(text, 0)).toEqual({ passed: 1, failed: 1, complaints: ['Not run: later (a.test.ts)'] })
})

test('an unhandled error after passed tests has failed', () => {
  expect(countTests(report(file()), 1)).toMatchObject({ passed: 1, failed: 1 })
})

test('who stopped it is told so', () => {
  expect(countTests(null, 130).complaints).toEqual(['You stopped it: there is no report of what had passed.'])
})

test('no report and no test have failed', () => {
  expect(countTests(null, 137)).toMatchObject({ passed: 0, failed: 1 })
  expect(countTests(report(), 0)).toEqual({ passed: 0, failed: 1, complaints: ['No test ran.'] })
})
