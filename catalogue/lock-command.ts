// `millwright playbook lock` starts this file by path: checks every playbook and pins what it found. Prints one JSON
// object.
import { join } from 'node:path'
import { Failure } from '../domain/failure.ts'
import { installedFrame } from '../runtime/ansible/frame.ts'
import { writeLock } from './lock.ts'

const [dir = join(import.meta.dirname, '..', 'playbooks')] = process.argv.slice(2)
try {
  process.stdout.write(`${JSON.stringify(writeLock(dir, installedFrame()))}\n`)
} catch (error) {
  if (!(error instanceof Failure)) throw error
  process.stdout.write(`${JSON.stringify({ code: error.code, message: error.message, hint: error.hint ?? null })}\n`)
  process.exitCode = 2
}
