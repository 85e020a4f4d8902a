// A catalogue of one shipped playbook, pinned here and now.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeLock } from '../../catalogue/lock.ts'
import { installedFrame } from '../../runtime/ansible/frame.ts'

const playbooks = join(import.meta.dirname, '..', '..', 'playbooks')

/** The shipped playbook with an undo and shorter times: nobody waits for a real service here. */
export function paperCatalogue(folder: string): string {
  const dir = join(folder, 'playbooks')
  const own = join(dir, 'service-restart')
  mkdirSync(dir, { recursive: true })
  cpSync(join(playbooks, 'service-restart'), own, { recursive: true })
  const manifest = readFileSync(join(own, 'manifest.yml'), 'utf8')
    .replace(/^undo: .*$/m, 'undo: play')
    .replace(/^hardTimeoutSeconds: .*$/m, 'hardTimeoutSeconds: 5')
    .replace('settleSeconds: 20', 'settleSeconds: 1')
  writeFileSync(join(own, 'manifest.yml'), manifest)
  cpSync(join(own, 'playbook.yml'), join(own, 'undo.yml'))
  writeLock(dir, installedFrame())
  return dir
}
