import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { dataFolder, takeFolder } from '../../runtime/data-folder.ts'

function fresh() {
  const root = mkdtempSync(join(tmpdir(), 'millwright-folder-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  return dataFolder(root)
}

test('MILLWRIGHT_DATA names the folder for all commands of a terminal, and --data goes before it', () => {
  vi.stubEnv('MILLWRIGHT_DATA', '/srv/demo')
  onTestFinished(() => void vi.unstubAllEnvs())
  expect([dataFolder(undefined).root, dataFolder('/srv/own').root]).toEqual(['/srv/demo', '/srv/own'])
})

test('a folder has one owner at a time; the second is told so, and what to do', () => {
  const folder = fresh()
  const first = takeFolder(folder)
  expect(() => takeFolder(folder)).toThrow(expect.objectContaining({ code: 'setup.in-use', hint: expect.any(String) }))
  first.release()
  takeFolder(folder).release()
})

test('another user of the machine can neither hold the lock nor keep us from it', async () => {
  const folder = fresh()
  // A name in the kernel's table, which anybody may take.
  const name = `\0millwright-${createHash('sha256').update(folder.root).digest('hex')}`
  const stranger = createServer()
  await new Promise<void>((resolve) => stranger.listen(name, resolve))
  onTestFinished(() => void stranger.close())
  const { release } = takeFolder(folder)
  onTestFinished(release)
  const { mode, uid } = statSync(join(folder.root, 'lock'))
  expect({ mode: mode & 0o777, uid }).toEqual({ mode: 0o600, uid: process.getuid?.() })
})

test('what is started while the folder is ours does not keep it', async () => {
  const folder = fresh()
  const { release } = takeFolder(folder)
  const inode = statSync(join(folder.root, 'lock')).ino
  const locks = () => readFileSync('/proc/locks', 'utf8').includes(`:${inode} `)
  expect(locks()).toBe(true)
  release()
  expect(locks()).toBe(false)
})
