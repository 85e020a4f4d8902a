import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeControlGroup, removeGroup } from '../../runtime/ansible/control-group.ts'
import { makeRunFolder } from '../../runtime/ansible/run-folder.ts'
import { newId } from '../../runtime/ids.ts'
import { leftovers, openIn } from './left-behind.ts'
import { deafHost } from './run-world.ts'

test('a folder that can not be filled leaves neither folder, nor control group, nor descriptor', () => {
  const privateDir = mkdtempSync(join(tmpdir(), 'millwright-half-'))
  onTestFinished(() => rmSync(privateDir, { recursive: true, force: true }))
  const run = newId('run')
  const files = [{ path: 'x'.repeat(300), content: Buffer.from('') }]
  expect(() => makeRunFolder(privateDir, { run, host: deafHost, params: {}, files })).toThrow('ENAMETOOLONG')
  expect(leftovers({ privateDir })).toEqual([])
  expect(openIn({ privateDir })).toEqual([])
  const beside = makeControlGroup('millwright-beside')
  removeGroup(beside)
  expect(existsSync(join(beside.path, '..', `millwright-${run}`))).toBe(false)
})
