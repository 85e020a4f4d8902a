import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { loadSources } from '../../integrations/load.ts'
import { Config, emptyConfig, readConfig } from '../../runtime/config.ts'
import { configOrigins } from '../../runtime/config-origins.ts'

const folder = mkdtempSync(join(tmpdir(), 'origins-'))
afterAll(() => rmSync(folder, { recursive: true }))

function written(text: string): string {
  const file = join(folder, 'millwright.yaml')
  writeFileSync(file, text)
  return file
}

test('each value is said to come from its line or from a default', () => {
  const file = written(
    'sources:\n  shop:\n    use: alertmanager\n    bearer: file:/token\nretention:\n  auditDays: 50\n',
  )
  const origins = configOrigins(readConfig(file), file)

  expect(origins).toContainEqual({ key: 'sources.shop.bearer', value: 'file:/token', origin: `${file}:4` })
  expect(origins).toContainEqual({ key: 'sources.shop.team', value: 'default', origin: 'default' })
  expect(origins).toContainEqual({ key: 'retention.auditDays', value: 50, origin: `${file}:6` })
  expect(origins).toContainEqual({ key: 'retention.evidenceDays', value: 90, origin: 'default' })
})

test('without a file everything is a default', () => {
  expect(new Set(configOrigins(emptyConfig, undefined).map(({ origin }) => origin))).toEqual(new Set(['default']))
})

test.each([
  ['sorces: {}', /Did you mean "sources"\?/],
  ['retention: { auditDay: 50 }', /Did you mean "auditDays"\?/],
  ['sources: { shop: { use: x, targets: [{ hots: instance, host: y }] } }', /Did you mean "host"\?/],
  ['environments: { lab: { zone: UTC } }', /There is: timezone\./],
])('%s is answered with what was probably meant', (text, said) => {
  expect(() => readConfig(written(text))).toThrow(said)
})

test('so is a key of an integration’s own block', async () => {
  const config = Config.parse({ sources: { shop: { use: 'alertmanager', baerer: 'file:/token' } } })
  await expect(loadSources(config)).rejects.toThrow(/sources\.shop: .*baerer.*Did you mean "bearer"\?/)
})
