// What a running worker takes up on SIGHUP, and what needs a restart.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { stringify } from 'yaml'
import { Config } from '../../runtime/config.ts'
import { createLogger } from '../../runtime/logger.ts'
import { loadWorld } from '../../workers/world.ts'

test('a host in a zone that has no worker yet is not taken up: the log names the restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-world-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'hosts.yaml')
  const write = (zones: readonly string[]) => {
    const hosts = zones.map((zone, at) => ({ id: `web-${at}`, address: `10.0.0.${at + 1}`, zone }))
    writeFileSync(file, stringify({ hosts }))
  }
  const lines: string[] = []
  const stream = { write: (line: string) => void lines.push(line) }
  const log = createLogger({ name: 'hands', redact: (text) => text, stream, style: 'lines' })
  write(['east'])
  const world = await loadWorld({ config: Config.parse({ inventory: { use: 'yaml', file } }), log })
  onTestFinished(world.end)
  const reloaded = async (zones: readonly string[], says: RegExp) => {
    write(zones)
    process.emit('SIGHUP')
    await vi.waitFor(() => expect(lines.join('')).toMatch(says), { timeout: 15_000 })
    return world.inventory().hosts.map(({ zone }) => zone)
  }

  expect(await reloaded(['east', 'east'], /are loaded anew/)).toEqual(['east', 'east'])
  expect(await reloaded(['east', 'west'], /no worker of zone west runs.*start Millwright again/i)).toEqual([
    'east',
    'east',
  ])
})

test('an environment of the playbooks that no host is in stands in the log', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-world-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'hosts.yaml')
  writeFileSync(file, stringify({ hosts: [{ id: 'web-01', address: '10.0.0.1', environment: 'production' }] }))
  const lines: string[] = []
  const stream = { write: (line: string) => void lines.push(line) }
  const log = createLogger({ name: 'hands', redact: (text) => text, stream, style: 'lines' })
  const playbooks = { 'service-restart': { prodction: 'suggest', '*': 'auto' } } as const
  const world = await loadWorld({ config: Config.parse({ inventory: { use: 'yaml', file }, playbooks }), log })
  onTestFinished(world.end)
  expect(lines.join('')).toMatch(/environment prodction.*Did you mean production/)
})
