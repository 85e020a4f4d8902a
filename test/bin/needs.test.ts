import { expect, test } from 'vitest'
import { needsOf } from '../../bin/needs.mjs'
import { tools } from '../../bin/tools.mjs'

test('the demo needs the lab and no browser', () => {
  expect(needsOf(['demo', '--yes'])).toContain('lab-base')
  expect(needsOf(['demo', '--yes'])).not.toContain('chromium')
})

test('the service needs its servers and no lab', () => {
  expect(needsOf(['up'])).toEqual(expect.arrayContaining(['temporal', 'postgres', 'ansible', 'database-user']))
  expect(needsOf(['up'])).not.toContain('system-packages')
})

test('a client command, its help and an unknown word need packages and Node only', () => {
  for (const args of [['incident', 'list'], ['demo', '--help'], ['lab', 'down'], ['verison'], []]) {
    expect(needsOf(args)).toEqual(['packages', 'node'])
  }
})

test('every need is a tool', () => {
  const names = tools.map(({ name }) => name)
  for (const args of [['demo'], ['up'], ['bench'], ['host', 'list']]) {
    expect(names).toEqual(expect.arrayContaining([...needsOf(args)]))
  }
})
