// A small playbook in a temporary folder, to be spoilt in one place at a time.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

export const installed = { ansible: '2.19.14', frame: 'f'.repeat(64) }

export const goodManifest = `apiVersion: millwright/v1
kind: Playbook
id: sample
version: 1.0.0
title: A sample
wants: Restart $unit
owner: platform
whenToUse: In tests.
whenNotToUse: Elsewhere.
tier: 1
params:
  - { name: unit, provenance: inventory, from: unit }
signatures:
  - id: down
    says: $unit is down
    all:
      - { probe: unit-status, params: { unit: $unit }, fact: activeState, is: failed, says: $unit has failed }
preconditions:
  - { probe: unit-status, params: { unit: $unit }, fact: activeState, is: failed, says: $unit has failed }
effects:
  - { says: Restart $unit, touches: { unit: $unit }, reversible: true }
verify:
  settleSeconds: 10
  soakSeconds: 10
  predicates:
    - { probe: unit-status, params: { unit: $unit }, fact: activeState, is: active, says: $unit is active }
undo: { none: Nothing to undo. }
limits: { perHostHour: 2, cooldownSeconds: 60 }
hardTimeoutSeconds: 30
`

export const goodPlay = `---
- name: Restart
  hosts: all
  gather_facts: false
  become: true
  tasks:
    - name: Restart it
      ansible.builtin.systemd_service:
        name: "{{ unit }}"
        state: restarted
`

export type Files = Readonly<Record<string, string>>

/** The folder of a catalogue with the playbook `sample`; removed after the test. */
export function catalogueWith(files: Files = {}): string {
  const dir = mkdtempSync(join(tmpdir(), 'millwright-catalogue-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const all = { 'manifest.yml': goodManifest, 'playbook.yml': goodPlay, 'README.md': '# sample\n', ...files }
  for (const [path, text] of Object.entries(all)) {
    const target = join(dir, 'sample', path)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, text)
  }
  return dir
}
