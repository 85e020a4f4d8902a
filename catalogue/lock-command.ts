// `millwright playbook lock` starts this file by path: checks every playbook and pins what it found. Prints one JSON
// object.
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Failure } from '../domain/failure.ts'
import { installedFrame } from '../runtime/ansible/frame.ts'
import { loadProbes } from '../probes/load.ts'
import { writeLock } from './lock.ts'

const [dir = join(import.meta.dirname, '..', 'playbooks')] = process.argv.slice(2)
// The lab's own files are not loaded for their names.
const faults = readdirSync(join(import.meta.dirname, '..', 'lab', 'faults')).map((file) => basename(file, '.ts'))
try {
  const known = { probes: (await loadProbes()).byName, faults }
  process.stdout.write(`${JSON.stringify(writeLock(dir, installedFrame(), known))}\n`)
} catch (error) {
  if (!(error instanceof Failure)) throw error
  process.stdout.write(`${JSON.stringify({ code: error.code, message: error.message, hint: error.hint ?? null })}\n`)
  process.exitCode = 2
}
