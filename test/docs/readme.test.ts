// Every code block of the README is executed, by what it is named after.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { parseManifest } from '../../catalogue/manifest.ts'
import yamlInventory from '../../integrations/inventories/yaml/index.ts'
import { readConfig } from '../../runtime/config.ts'
import { readPage } from './blocks.ts'

const root = join(import.meta.dirname, '..', '..')
const limitMilliseconds = 120_000
/** Tests of their own run these: they take a lab. */
const elsewhere = { 'npm run demo': 'test/e2e/demo.test.ts', 'npm test': 'vitest.config.ts' } as const
/** Says what is missing on the machine that it runs on, by its exit code, too. */
const mayComplain = 'npx millwright doctor'

const { text: readme, blocks, block } = readPage('README.md')
const commands = blocks
  .filter(({ language }) => language === 'sh')
  .flatMap(({ text }) => text.split('\n').map((line) => line.replace(/#.*/, '').trim()))
  .filter((line) => line !== '')

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'readme-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the README fits on two screens and a half', () => {
  expect(readme.split('\n').length).toBeLessThanOrEqual(150)
})

test('every block is one that a test executes, or the one diagram', () => {
  const kinds = blocks.map(({ language, name }) => name || language)

  expect(kinds.filter((kind) => kind === '').length).toBe(1)
  expect(kinds.filter((kind) => kind !== '' && kind !== 'sh')).toEqual([
    'millwright.yaml',
    'inventory.yaml',
    'alertmanager.yml',
    'manifest.yml',
  ])
})

test.each(commands)('%s works', { timeout: limitMilliseconds }, async (command) => {
  if (command in elsewhere) {
    const [, proof] = Object.entries(elsewhere).find(([name]) => name === command) ?? []
    const scripts = z.looseObject({ scripts: z.record(z.string(), z.string()) })
    const { scripts: known } = scripts.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
    expect(known).toHaveProperty(command.replace(/^npm (run )?/, ''))
    expect(existsSync(join(root, proof ?? ''))).toBe(true)
    return
  }
  const [npx, millwright, ...args] = command.split(' ')
  expect([npx, millwright]).toEqual(['npx', 'millwright'])

  const result = await execa(process.execPath, [join(root, 'cli', 'main.ts'), ...args], { reject: false })

  expect(result.stdout).not.toBe('')
  if (command !== mayComplain) expect(result.exitCode).toBe(0)
})

test('the config is valid, and Alertmanager posts to a source that it names', () => {
  const file = join(folder, 'millwright.yaml')
  writeFileSync(file, block('millwright.yaml'))
  const Receivers = z.looseObject({
    receivers: z.array(z.looseObject({ webhook_configs: z.array(z.looseObject({ url: z.url() })) })),
  })

  const { sources, listen } = readConfig(file)
  const { receivers } = Receivers.parse(parse(block('alertmanager.yml')))

  const urls = receivers.flatMap((receiver) => receiver.webhook_configs.map(({ url }) => url))
  expect(urls).toEqual(Object.keys(sources).map((name) => `http://127.0.0.1:${listen.port}/hooks/v1/${name}`))
})

test('the inventory loads', async () => {
  const file = join(folder, 'inventory.yaml')
  writeFileSync(file, block('inventory.yaml'))

  const hosts = await yamlInventory.load({ file })

  expect(hosts.map(({ id, environment }) => [id, environment])).toEqual([['web-01', 'production']])
})

test('the manifest is one that the catalogue takes', () => {
  const manifest = parseManifest('manifest.yml', block('manifest.yml'))

  expect(manifest.id).toBe('agent-restart')
})
