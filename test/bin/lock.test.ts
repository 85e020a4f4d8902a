import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { withLock } from '../../bin/lock.mjs'

const program = join(import.meta.dirname, '..', '..', 'bin', 'lock.mjs')
let folder = ''
let lock = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'))
  lock = join(folder, 'set-up.lock')
})
afterEach(() => rmSync(folder, { recursive: true }))

const silent = (): void => undefined

test('the lock is there during the work and gone after it', async () => {
  const during = await withLock(lock, { log: silent, work: async () => existsSync(lock) })
  expect(during).toBe(true)
  expect(existsSync(lock)).toBe(false)
})

test('the lock is given back when the work fails', async () => {
  const work = async (): Promise<never> => {
    throw new Error('no space')
  }
  await expect(withLock(lock, { log: silent, work })).rejects.toThrow('no space')
  expect(existsSync(lock)).toBe(false)
})

test('the second waits until the first is through, and says for whom', async () => {
  const order: string[] = []
  const said: string[] = []
  let finish = (): void => undefined
  const finished = new Promise<void>((resolve) => (finish = resolve))
  const first = withLock(lock, { log: silent, work: async () => finished.then(() => order.push('first')) })
  const second = withLock(lock, { log: (line) => said.push(line), work: async () => order.push('second') })
  await expect.poll(() => said).toEqual([`another set-up (process ${process.pid}) is at work; waiting for it`])
  finish()
  await Promise.all([first, second])
  expect(order).toEqual(['first', 'second'])
})

test('the lock of a process that was killed is taken over', async () => {
  const script = `const { withLock } = await import(${JSON.stringify(program)})
    await withLock(${JSON.stringify(lock)}, { log() {}, work: () => { console.log('holding'); return new Promise((r) => setTimeout(r, 60_000)) } })`
  const holder = execa(process.execPath, ['--input-type=module', '-e', script], { reject: false })
  await once(holder.stdout, 'data')
  expect(existsSync(lock)).toBe(true)
  holder.kill('SIGKILL')
  await holder
  expect(existsSync(lock)).toBe(true)
  await expect(withLock(lock, { log: silent, work: async () => 'mine' })).resolves.toBe('mine')
})

test('a number that another process got since does not keep the lock', async () => {
  writeFileSync(lock, `${process.pid} 1`)
  await expect(withLock(lock, { log: silent, work: async () => 'mine' })).resolves.toBe('mine')
})

test('a lock that holds nonsense is taken over', async () => {
  writeFileSync(lock, 'nonsense')
  await expect(withLock(lock, { log: silent, work: async () => 'mine' })).resolves.toBe('mine')
})

test('whoever waits too long is told which process to end', async () => {
  const work = (): Promise<unknown> => withLock(lock, { log: silent, work: async () => 'never', waitLimit: 0 })
  const sentence = `another one (process ${process.pid}) holds ${lock} and does not end; end it with \`kill ${process.pid}\``
  await withLock(lock, { log: silent, work: () => expect(work()).rejects.toThrow(sentence) })
})
