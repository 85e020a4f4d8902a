// `millwright playbook lock` and `lint` start this file by path: it checks every playbook and, but with `--check`, pins
// what it found. Prints one JSON object.
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { Failure } from '../domain/failure.ts'
import { loadProbes } from '../probes/load.ts'
import { installedFrame } from '../runtime/ansible/frame.ts'
import { checkedEntries, type Known, type Lock, priorLock, writeLock } from './lock.ts'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { check: { type: 'boolean' } } })
const [dir = join(import.meta.dirname, '..', 'playbooks')] = positionals
// The lab's own files are not loaded for their names.
const faults = readdirSync(join(import.meta.dirname, '..', 'lab', 'faults')).map((file) => basename(file, '.ts'))
try {
  const known = { probes: (await loadProbes()).byName, faults }
  process.stdout.write(`${JSON.stringify(values.check === true ? check(known) : pin(known))}\n`)
} catch (error) {
  if (!(error instanceof Failure)) throw error
  process.stdout.write(`${JSON.stringify({ code: error.code, message: error.message, hint: error.hint ?? null })}\n`)
  process.exitCode = 2
}

function check(known: Known) {
  const lock = priorLock(dir)
  const entries = checkedEntries(dir, known)
  const changed = entries.filter(({ manifest, content }) => lock?.playbooks[manifest.id]?.digest !== content)
  return { playbooks: entries.map(({ manifest }) => manifest.id), unpinned: changed.map(({ manifest }) => manifest.id) }
}

function pin(known: Known) {
  const before = priorLock(dir)
  const lock = writeLock(dir, installedFrame(), known)
  const digestIn = (of: Lock | null, id: string) => (of?.frame === lock.frame ? of.playbooks[id]?.digest : undefined)
  const ids = Object.keys(lock.playbooks)
  return {
    ...lock,
    pinned: ids.filter((id) => digestIn(before, id) !== digestIn(lock, id)),
    unpinned: Object.keys(before?.playbooks ?? {}).filter((id) => !ids.includes(id)),
  }
}
