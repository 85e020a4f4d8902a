// Ctrl-C goes to every process of the terminal at once: the demo, its lab's programs, and whatever they started.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { labFolder } from '../../lab/paths.ts'

const root = join(import.meta.dirname, '..', '..')

test('a Ctrl-C in the middle of a story takes everything down, and is no failure', async () => {
  const demo = spawn('npm', ['run', 'demo', '--', '--yes'], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  let isStopped = false
  const hear = (chunk: Buffer) => {
    said += String(chunk)
    if (isStopped || demo.pid === undefined || !said.includes('INC-1')) return
    isStopped = true
    process.kill(-demo.pid, 'SIGINT')
  }
  demo.stdout.on('data', hear)
  demo.stderr.on('data', hear)
  await new Promise((resolve) => demo.once('close', resolve))

  expect(isStopped).toBe(true)
  expect(said).toContain('Stopping')
  expect(said).toContain('Nothing is left behind.')
  expect(said).not.toMatch(/Failure|Error|node:internal/)
  const lab = /\/labs\/(lab-\w+)\//.exec(said)?.[1] ?? ''
  expect(lab).not.toBe('')
  expect(existsSync(labFolder(lab))).toBe(false)
}, 600_000)
