// What `config validate` says of a file that no process would start with, or that surely means something else.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, onTestFinished, test } from 'vitest'

const program = join(import.meta.dirname, '..', '..', 'workers', 'check-config.ts')
const inventory = JSON.stringify({ hosts: [{ id: 'web-01', address: '192.0.2.1', environment: 'production' }] })

async function check(text: string): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-check-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'inventory.yaml'), inventory)
  writeFileSync(join(folder, 'millwright.yaml'), text.replaceAll('/FOLDER', folder))
  const { stdout } = await execa(process.execPath, [program, join(folder, 'millwright.yaml')], { reject: false })
  return JSON.parse(stdout)
}

test.each([
  [
    'a port for all the world without TLS',
    'timeFactor: 1\nlisten:\n  address: 0.0.0.0\n  port: 8321\n',
    /millwright\.yaml: line 3, listen: listen\.address 0\.0\.0\.0 is not loopback/,
  ],
  [
    'a secret that stands in the config itself',
    'sources:\n  production:\n    use: alertmanager\n    bearer: hunter2\n',
    /millwright\.yaml: line 4, sources\.production\.bearer: expected a reference, file:\/path or env:NAME$/,
  ],
  [
    'an address that is none',
    'metrics:\n  production: { use: prometheus, url: prometheus }\n',
    /millwright\.yaml: line 2, metrics\.production\.url: expected an address such as http/,
  ],
  [
    'a model’s address that is none, beside a key',
    'models:\n  planner: { use: openai-compatible, model: m, url: nonsense, key: file:/k }\n',
    /millwright\.yaml: line 2, models\.planner\.url: expected an address/,
  ],
  [
    'a model’s address of no machine, beside a key',
    'models:\n  planner: { use: anthropic, model: claude-haiku-5-5, url: http://127.999.1.1/, key: file:/k }\n',
    /millwright\.yaml: line 2, models\.planner\.url: expected an address/,
  ],
])('%s is refused by file, line and what was expected', async (_, text, says) => {
  expect(await check(text)).toMatchObject({ code: 'config.invalid', message: expect.stringMatching(says) })
})

test('an environment that no host is in is warned of, with what holds for the one that was meant', async () => {
  const text = `inventory: { use: yaml, file: /FOLDER/inventory.yaml }\nplaybooks:\n  service-restart: { prodction: suggest, '*': auto }\n`
  expect(await check(text)).toMatchObject({
    warnings: expect.arrayContaining([
      'No host is in the environment prodction, which playbooks.service-restart names. Did you mean production? Its hosts are `auto` now.',
    ]),
  })
})

test('secrets of a log store that can not be read are said, and are those of the process that asks it', async () => {
  const text = `logs:\n  one: { use: loki, url: 'https://logs.example', bearer: 'file:/FOLDER/missing' }\n`
  expect(JSON.stringify(await check(text))).toMatch(/The secret file:[^ ]*\/missing can't be read/)
})
