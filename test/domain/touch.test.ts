import { expect, test } from 'vitest'
import { allows, touchProblem, type Touch } from '../../domain/touch.ts'

const file = (name: string): Touch => ({ kind: 'file', name })
const folder = (name: string): Touch => ({ kind: 'folder', name })
const unit = (name: string): Touch => ({ kind: 'unit', name })

test.each([
  [file('/etc/a'), file('/etc/a')],
  [file('/etc/a'), file('//etc/./a/')],
  [folder('/srv/cache'), file('/srv/cache')],
  [folder('/srv/cache/'), file('/srv/cache/a/b')],
  [folder('/srv/cache'), folder('/srv/cache/a')],
  [unit('nginx'), unit('nginx.service')],
  [unit('nginx.service'), unit('nginx')],
])('%j allows %j', (allowed, asked) => {
  expect(allows(allowed, asked)).toBe(true)
})

test.each([
  [file('/etc/a'), file('/etc/a/b')],
  [file('/etc/a'), folder('/etc/a')],
  [file('/etc/a'), file('/etc/A')],
  [folder('/srv/cache'), file('/srv/cache-of-others')],
  [folder('/srv/cache'), file('/srv')],
  [folder('/srv/cache'), file('/srv/cache/../../etc/passwd')],
  [folder('/srv/cache'), file('/srv/cache/a/..')],
  [folder('/'), file('/etc/a')],
  [folder('srv'), file('srv/a')],
  [file('/nginx.service'), unit('nginx.service')],
  [unit('nginx.service'), file('nginx.service')],
  [unit('nginx.service'), unit('nginx.socket')],
  [unit('nginx.service'), unit('nginx.service, ssh.service')],
])('%j does not allow %j', (allowed, asked) => {
  expect(allows(allowed, asked)).toBe(false)
})

test('neither the root nor a way up nor a relative path can be allowed, nor a unit by a pattern', () => {
  const names = [folder('/'), folder('/..'), file('/srv/../etc'), file('etc/a'), file(''), unit('*'), unit('a b')]
  expect(names.filter((one) => touchProblem(one) === null)).toEqual([])
  expect([file('/etc/a'), folder('/srv'), unit('a@b.service')].map(touchProblem)).toEqual([null, null, null])
})
