// A playbook of the test's own: one task, whatever it is, in a catalogue in a temporary folder.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { writeLock } from '../../catalogue/lock.ts'
import { installedFrame } from '../../runtime/ansible/frame.ts'

export type Sample = {
  /** YAML lines of the tasks, without indentation. */
  readonly tasks: string
  readonly undo?: string
  /** What `files/` holds, by name. */
  readonly files?: Readonly<Record<string, string>>
  readonly hardTimeoutSeconds?: number
}

/** The catalogue's folder with the pinned playbook `sample`; it takes one parameter, `unit`. */
export function sampleCatalogue({ tasks, undo, files: brought = {}, hardTimeoutSeconds = 60 }: Sample): string {
  const dir = mkdtempSync(join(tmpdir(), 'millwright-sample-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  mkdirSync(join(dir, 'sample', 'files'), { recursive: true })
  const files = {
    'manifest.yml': manifest(undo === undefined ? '{ none: A sample. }' : 'play', hardTimeoutSeconds),
    'playbook.yml': play(tasks),
    'README.md': '# sample\n',
    ...Object.fromEntries(Object.entries(brought).map(([name, text]) => [`files/${name}`, text])),
    ...(undo === undefined ? {} : { 'undo.yml': play(undo) }),
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, 'sample', name), text)
  writeLock(dir, installedFrame())
  return dir
}

function play(tasks: string): string {
  const head = '- name: Sample\n  hosts: all\n  gather_facts: false\n  become: true\n  tasks:\n'
  return `${head}${tasks.trim().replaceAll(/^/gm, '    ')}\n`
}

function manifest(undo: string, hardTimeoutSeconds: number): string {
  const check = '{ probe: failed-units, fact: count, atLeast: 0, says: the host answers }'
  return `apiVersion: millwright/v1
kind: Playbook
id: sample
version: 1.0.0
title: A sample
wants: Try $unit
owner: platform
whenToUse: In tests.
whenNotToUse: Elsewhere.
tier: 1
params: [{ name: unit, provenance: inventory, from: unit }]
preconditions: [${check}]
effects:
  - { says: Try $unit below /etc, touches: { unit: $unit, folder: /etc }, reversible: true }
  - { says: Try it below /root, touches: { folder: /root }, reversible: true }
verify: { settleSeconds: 1, soakSeconds: 1, predicates: [${check}] }
undo: ${undo}
limits: { perHostHour: 20, cooldownSeconds: 0 }
hardTimeoutSeconds: ${hardTimeoutSeconds}
`
}
