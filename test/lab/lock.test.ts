import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { withLock } from '../../lab/lock.ts'

let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lab-lock-'))
  path = join(folder, 'not-yet/there.lock')
})

afterEach(() => rm(folder, { recursive: true, force: true }))

test('one at a time, in a folder that need not exist, and nothing is left', async () => {
  let inside = 0
  let most = 0
  const work = async (): Promise<void> => {
    inside += 1
    most = Math.max(most, inside)
    await new Promise((resolve) => setTimeout(resolve, 5))
    inside -= 1
  }
  await Promise.all([1, 2, 3].map(() => withLock({ path, waitMs: 5000 }, work)))
  expect(most).toBe(1)
  expect(await readdir(join(folder, 'not-yet'))).toEqual([])
})

test('a lock of a process that is gone is taken over', async () => {
  path = join(folder, 'gone.lock')
  await writeFile(path, '4194304000')
  expect(await withLock({ path, waitMs: 5000 }, () => Promise.resolve('done'))).toBe('done')
})

test('an empty lock is its owner in the middle of taking it, but not for long', async () => {
  path = join(folder, 'empty.lock')
  await writeFile(path, '')
  await expect(withLock({ path, waitMs: 0 }, () => Promise.resolve())).rejects.toThrow('waited in vain')
  await utimes(path, new Date(0), new Date(0))
  expect(await withLock({ path, waitMs: 5000 }, () => Promise.resolve('done'))).toBe('done')
})

test('a folder that cannot be made is a fault at once, not a wait', async () => {
  await writeFile(join(folder, 'file'), '')
  await expect(withLock({ path: join(folder, 'file/lock'), waitMs: 5000 }, () => Promise.resolve())).rejects.toThrow()
})
