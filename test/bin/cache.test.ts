import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { cacheFolder, isStamped, stamp, whenComplete } from '../../bin/cache.mjs'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cache-'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

const fill = (text: string) => async (temporary: string) => writeFileSync(join(temporary, 'file'), text)

test('a finished build has its name and nothing temporary is left', async () => {
  await whenComplete(join(folder, 'temporal', '1.5.1'), fill('whole'))
  expect(readFileSync(join(folder, 'temporal', '1.5.1', 'file'), 'utf8')).toBe('whole')
  expect(readdirSync(join(folder, 'temporal'))).toEqual(['1.5.1'])
})

test('a build that fails half-way does not appear', async () => {
  const place = join(folder, '1.5.1')
  const build = async (temporary: string): Promise<never> => {
    await fill('half')(temporary)
    throw new Error('interrupted')
  }
  await expect(whenComplete(place, build)).rejects.toThrow('interrupted')
  expect(existsSync(place)).toBe(false)
})

test('the next build clears what an interrupted one left, and only that', async () => {
  for (const name of ['1.5.1.4711.part', '1.5.10.4711.part', '1.5.1']) mkdirSync(join(folder, name))
  await whenComplete(join(folder, '1.5.1'), fill('whole'))
  expect(readdirSync(folder).toSorted()).toEqual(['1.5.1', '1.5.10.4711.part'])
  expect(readFileSync(join(folder, '1.5.1', 'file'), 'utf8')).toBe('whole')
})

test('every user may enter what is built, whatever the creation mask', async () => {
  const mask = process.umask(0o077)
  try {
    await whenComplete(join(folder, 'postgres', '18'), fill('whole'))
  } finally {
    process.umask(mask)
  }
  expect(statSync(join(folder, 'postgres')).mode & 0o777).toBe(0o755)
  expect(statSync(join(folder, 'postgres', '18')).mode & 0o777).toBe(0o755)
})

test('a stamp holds for the text that it was made from', () => {
  const file = join(folder, 'stamp')
  expect(isStamped(file, 'lockfile one')).toBe(false)
  stamp(file, 'lockfile one')
  expect(isStamped(file, 'lockfile one')).toBe(true)
  expect(isStamped(file, 'lockfile two')).toBe(false)
  expect(readdirSync(folder)).toEqual(['stamp'])
})

test('MILLWRIGHT_CACHE names the cache', () => {
  vi.stubEnv('MILLWRIGHT_CACHE', '/srv/cache/')
  expect(cacheFolder()).toBe('/srv/cache')
})
