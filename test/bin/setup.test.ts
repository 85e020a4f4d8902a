import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { setUp } from '../../bin/setup.mjs'
import { SetupError } from '../../bin/setup-error.mjs'
import type { Tool, ToolName } from '../../bin/types.d.mts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'setup-'))
  vi.stubEnv('MILLWRIGHT_CACHE', join(folder, 'cache'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

/** A tool that is one file, and how often it was got. */
function fileTool(name: ToolName, parts: Partial<Tool> = {}): Tool & { readonly got: string[] } {
  const file = join(folder, name)
  const got: string[] = []
  const find = (): string | null => (existsSync(file) ? file : null)
  const get = async (): Promise<void> => {
    got.push(name)
    writeFileSync(file, name)
  }
  return { name, why: 'to be tested', where: () => file, fix: 'type `true`', find, get, got, ...parts }
}

test('what is missing is got in the order of the table, with a line that says what, why and where', async () => {
  const [first, second] = [fileTool('packages'), fileTool('temporal')]
  const said: string[] = []
  await setUp({ needs: ['temporal', 'packages'], from: [first, second], log: (line) => said.push(line) })
  expect(said.filter((line) => line.startsWith('- '))).toEqual([
    `- packages: to be tested -> ${join(folder, 'packages')}`,
    `- temporal: to be tested -> ${join(folder, 'temporal')}`,
  ])
})

test('a second run gets nothing, says nothing and makes no cache', async () => {
  const tool = fileTool('packages')
  writeFileSync(join(folder, 'packages'), 'there')
  const said: string[] = []
  await setUp({ needs: ['packages'], from: [tool], log: (line) => said.push(line) })
  expect(tool.got).toEqual([])
  expect(said).toEqual([])
  expect(existsSync(join(folder, 'cache'))).toBe(false)
})

test('what nobody asked for is left alone', async () => {
  const [asked, other] = [fileTool('packages'), fileTool('chromium')]
  await setUp({ needs: ['packages'], from: [asked, other], log: () => undefined })
  expect(other.got).toEqual([])
})

test('before the machine is changed the changes are listed, and without a terminal it goes on at once and says so', async () => {
  vi.stubEnv('CI', '')
  const said: string[] = []
  const tool = fileTool('system-packages', { changes: async () => ['install nftables 1.0.6'] })
  await setUp({ needs: ['system-packages'], from: [tool], log: (line) => said.push(line) })
  const at = said.indexOf('  * install nftables 1.0.6')
  expect(said[at - 1]).toBe('This changes the machine itself; nothing of it starts a daemon:')
  expect(said[at + 1]).toBe('Going on at once: there is no terminal.')
  expect(said[at + 2]).toMatch(/^- system-packages/)
})

test('--yes goes on at once and says so', async () => {
  const said: string[] = []
  const tool = fileTool('system-packages', { changes: async () => ['install nftables 1.0.6'] })
  await setUp({ needs: ['system-packages'], yes: true, from: [tool], log: (line) => said.push(line) })
  expect(said).toContain('Going on at once: --yes was given.')
})

test('a step that fails ends in one sentence with what, why and what to type', async () => {
  const get = async (): Promise<never> => {
    throw new Error('the disk is full')
  }
  const tool = fileTool('temporal', { get })
  const sentence = 'The step temporal failed, because the disk is full; type `true`.'
  await expect(setUp({ needs: ['temporal'], from: [tool], log: () => undefined })).rejects.toThrow(
    new SetupError({
      what: 'The step temporal failed',
      why: 'the disk is full',
      fix: 'type `true`',
    }),
  )
  await expect(setUp({ needs: ['temporal'], from: [tool], log: () => undefined })).rejects.toThrow(sentence)
})

test('a step that claims success and brings nothing has failed', async () => {
  const tool = fileTool('temporal', { get: async () => undefined })
  const sentence = 'The step temporal failed, because its set-up ended well and yet it is not there; type `true`.'
  await expect(setUp({ needs: ['temporal'], from: [tool], log: () => undefined })).rejects.toThrow(sentence)
})

test('a cache that cannot be made is named, with the way around it', async () => {
  writeFileSync(join(folder, 'file'), '')
  vi.stubEnv('MILLWRIGHT_CACHE', join(folder, 'file', 'cache'))
  const run = setUp({ needs: ['packages'], from: [fileTool('packages')], log: () => undefined })
  await expect(run).rejects.toThrow(/^The cache folder .* could not be made, because .*; set MILLWRIGHT_CACHE/)
})

test('two set-ups at once get each thing once', async () => {
  const tool = fileTool('packages')
  const options = { needs: ['packages'], from: [tool], log: () => undefined }
  await Promise.all([setUp(options), setUp(options)])
  expect(tool.got).toEqual(['packages'])
})
