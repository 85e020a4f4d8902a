import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startTemporal } from '../../runtime/embedded-temporal.ts'

test('a server that was killed while it made its file starts anew', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'millwright-temporal-'))
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
  await (await startTemporal({ dataDir })).stop()
  const file = join(dataDir, readdirSync(dataDir).find((name) => name.endsWith('.sqlite')) ?? '')
  for (const end of ['-wal', '-shm']) rmSync(`${file}${end}`, { force: true })
  writeFileSync(file, 'half a file')
  writeFileSync(`${file}.unfinished`, '')

  const anew = await startTemporal({ dataDir })
  await anew.stop()
  expect(readdirSync(dataDir).filter((name) => name.endsWith('.unfinished'))).toEqual([])
})
