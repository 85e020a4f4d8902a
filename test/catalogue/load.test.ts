import { appendFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadCatalogue } from '../../catalogue/load.ts'
import { writeLock } from '../../catalogue/lock.ts'
import { installedFrame } from '../../runtime/ansible/frame.ts'
import { loadProbes } from '../../probes/load.ts'
import { catalogueWith, goodManifest, goodPlay, installed } from './playbook-folder.ts'

const notPinned = (says: RegExp) =>
  expect.objectContaining({
    code: 'catalogue.not-pinned',
    message: expect.stringMatching(says),
    hint: expect.stringContaining('npx millwright playbook lock'),
  })

test('a locked catalogue loads, and what the config does not name is a draft', async () => {
  const dir = catalogueWith()
  writeLock(dir, installed)
  const { playbooks } = await loadCatalogue({ dir, modes: { sample: { lab: 'auto' } }, installed })
  expect(playbooks.map(({ id, modes }) => ({ id, modes }))).toEqual([
    { id: 'sample', modes: { '*': 'draft', lab: 'auto' } },
  ])
})

test('without a lock nothing loads', async () => {
  await expect(loadCatalogue({ dir: catalogueWith(), modes: {}, installed })).rejects.toThrow(
    notPinned(/no playbook is pinned/),
  )
})

test.each(['playbook.yml', 'README.md', 'manifest.yml'])(
  'a changed %s is refused by the name of its playbook',
  async (file) => {
    const dir = catalogueWith()
    writeLock(dir, installed)
    appendFileSync(join(dir, 'sample', file), '\n')
    await expect(loadCatalogue({ dir, modes: {}, installed })).rejects.toThrow(
      notPinned(/sample is not what was pinned as version 1\.0\.0/),
    )
  },
)

test('a playbook that was added, or taken away, after the lock is refused', async () => {
  const dir = catalogueWith()
  writeLock(dir, installed)
  const other = join(dir, 'other')
  mkdirSync(other)
  writeFileSync(join(other, 'manifest.yml'), goodManifest.replace('id: sample', 'id: other'))
  writeFileSync(join(other, 'playbook.yml'), goodPlay)
  writeFileSync(join(other, 'README.md'), '# other\n')
  await expect(loadCatalogue({ dir, modes: {}, installed })).rejects.toThrow(notPinned(/other is not pinned/))
  rmSync(other, { recursive: true })
  rmSync(join(dir, 'sample'), { recursive: true })
  await expect(loadCatalogue({ dir, modes: {}, installed })).rejects.toThrow(
    notPinned(/sample is pinned, and its folder is gone/),
  )
})

test('another Ansible, or other code that carries playbooks out, is refused', async () => {
  const dir = catalogueWith()
  writeLock(dir, installed)
  const other = { ...installed, ansible: '2.20.0' }
  await expect(loadCatalogue({ dir, modes: {}, installed: other })).rejects.toThrow(
    notPinned(/for ansible-core 2\.19\.14, and this is 2\.20\.0/),
  )
  const frame = { ...installed, frame: '0'.repeat(64) }
  await expect(loadCatalogue({ dir, modes: {}, installed: frame })).rejects.toThrow(
    notPinned(/another version of the code/),
  )
})

test('a second lock keeps the versions of Ansible that were pinned before', () => {
  const dir = catalogueWith()
  writeLock(dir, { ...installed, ansible: '2.14.18' })
  expect(writeLock(dir, installed).ansible).toEqual(['2.14.18', '2.19.14'])
})

test.each([
  ['a library of its own', 'library/evil.py'],
  ['variables for all hosts', 'group_vars/all.yml'],
  ['a configuration of Ansible', 'ansible.cfg'],
])('a folder with %s is refused', (_, path) => {
  expect(() => writeLock(catalogueWith({ [path]: 'x\n' }), installed)).toThrow(
    expect.objectContaining({ code: 'catalogue.invalid', message: expect.stringContaining('expected only') }),
  )
})

test('a symbolic link in the folder is refused', () => {
  const dir = catalogueWith()
  rmSync(join(dir, 'sample', 'README.md'))
  symlinkSync('/etc/passwd', join(dir, 'sample', 'README.md'))
  expect(() => writeLock(dir, installed)).toThrow(expect.objectContaining({ code: 'catalogue.invalid' }))
})

test('a folder whose name is not its id is refused', () => {
  const dir = catalogueWith({ 'manifest.yml': goodManifest.replace('id: sample', 'id: other') })
  expect(() => writeLock(dir, installed)).toThrow(/expected sample, the folder's name/)
})

test('an undo that is declared and missing, or there and not declared, is refused', () => {
  const declared = catalogueWith({
    'manifest.yml': goodManifest.replace('undo: { none: Nothing to undo. }', 'undo: play'),
  })
  expect(() => writeLock(declared, installed)).toThrow(/expected a file undo\.yml/)
  expect(() => writeLock(catalogueWith({ 'undo.yml': goodPlay }), installed)).toThrow(/there is an undo\.yml/)
})

const state = 'fact: activeState, is: failed'

test.each([
  ['a probe that is none', 'probe: unit-status', 'probe: unit-statu', 'no probe unit-statu; did you mean unit-status?'],
  ['a fact that is none', 'fact: activeState', 'fact: activeStat', 'no fact activeStat; did you mean activeState?'],
  [
    'a parameter that is none',
    'params: { unit: $unit }',
    'params: { unitt: $unit }',
    'no parameter unitt; did you mean unit?',
  ],
  ['a parameter too few', 'params: { unit: $unit }, ', '', 'needs the parameter unit'],
  ['a parameter of another type', 'params: { unit: $unit }', 'params: { unit: 3 }', 'takes no unit such as 3'],
  ['a number beside a word', state, 'fact: activeState, atLeast: 3', "activeState of unit-status can't be compared so"],
  ['a word beside a number', state, 'fact: mainPid, is: failed', `can't be compared so: is: "failed"`],
  ['a mistyped state', state, 'fact: activeState, is: faild', 'is: "faild"; did you mean failed?'],
  ['a state that is none', state, 'fact: activeState, isNot: on-fire', 'isNot: "on-fire". There is: active, '],
  ['one such among others', state, 'fact: result, oneOf: [signal, sgnal]', 'oneOf: "sgnal"; did you mean signal?'],
  ['a word of a closed list', state, 'fact: execMainCode, is: kiled', 'is: "kiled"; did you mean killed?'],
  ['a list where there is none', state, 'fact: activeState, includes: failed', 'includes: "failed"'],
])('%s is neither pinned nor loaded, and its line is named', async (_, from, to, says) => {
  const { byName: probes } = await loadProbes()
  const dir = catalogueWith({ 'manifest.yml': goodManifest.replaceAll(from, to) })
  const refused = expect.objectContaining({
    code: 'catalogue.invalid',
    message: expect.stringMatching(/manifest\.yml, line 17: signatures\.0\.all\.0: /),
  })
  expect(() => writeLock(dir, installed, { probes, faults: [] })).toThrow(refused)
  expect(() => writeLock(dir, installed, { probes, faults: [] })).toThrow(says)
  writeLock(dir, installed)
  await expect(loadCatalogue({ dir, modes: {}, installed, probes })).rejects.toThrow(refused)
})

test('a case of a fault that the lab does not have is not pinned', async () => {
  const { byName: probes } = await loadProbes()
  const dir = catalogueWith({ 'tests/a.yml': 'fault: nope\nparams: { unit: nginx.service }\n' })
  expect(() => writeLock(dir, installed, { probes, faults: ['service-crashed'] })).toThrow(
    /tests\/a\.yml, line 1: fault: expected a fault of the lab: service-crashed/,
  )
  writeLock(dir, installed, { probes, faults: ['nope'] })
})

test('the catalogue that comes with Millwright is pinned and names real probes and facts', async () => {
  const dir = join(import.meta.dirname, '..', '..', 'playbooks')
  const { byName: probes } = await loadProbes()
  const { playbooks } = await loadCatalogue({ dir, modes: {}, probes })
  const lock: unknown = JSON.parse(readFileSync(join(dir, 'catalogue.lock.json'), 'utf8'))
  expect(lock).toMatchObject({ frame: installedFrame().frame })
  expect(playbooks.map(({ id }) => id)).toContain('service-restart')
})
