import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { catalogueWith, goodManifest } from './playbook-folder.ts'

const program = join(import.meta.dirname, '..', '..', 'catalogue', 'lock-command.ts')

async function run(...args: readonly string[]): Promise<unknown> {
  const { stdout } = await execa(process.execPath, [program, ...args], { reject: false })
  return JSON.parse(stdout)
}

test('checking writes nothing, and says what is not pinned as it is; pinning names what it pinned', async () => {
  const dir = catalogueWith()
  const lock = join(dir, 'catalogue.lock.json')
  expect(await run(dir, '--check')).toEqual({ playbooks: ['sample'], unpinned: ['sample'] })
  expect(existsSync(lock)).toBe(false)
  expect(await run(dir)).toMatchObject({ pinned: ['sample'], unpinned: [] })
  expect(await run(dir)).toMatchObject({ pinned: [], unpinned: [] })
  expect(await run(dir, '--check')).toEqual({ playbooks: ['sample'], unpinned: [] })

  const pinned = readFileSync(lock, 'utf8')
  writeFileSync(join(dir, 'sample', 'manifest.yml'), goodManifest.replace('activeState', 'activeStat'))
  expect(await run(dir, '--check')).toMatchObject({
    code: 'catalogue.invalid',
    message: expect.stringContaining('the probe unit-status has no fact activeStat; did you mean activeState?'),
  })
  expect(readFileSync(lock, 'utf8')).toBe(pinned)
})
