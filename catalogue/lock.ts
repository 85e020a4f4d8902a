// `catalogue.lock.json`: which content of which playbook a reviewer pinned, for which versions of Ansible.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { Failure } from '../domain/failure.ts'
import type { Digest } from '../domain/ids.ts'
import type { Probe } from '../probes/probe.ts'
import { digestOf } from '../runtime/digest.ts'
import { type Entry, entryNames, readEntry } from './entry.ts'
import { casesOf } from './cases.ts'
import { checkReadings } from './readings.ts'

export const lockFileName = 'catalogue.lock.json'

const hex = z.string().regex(/^[0-9a-f]{64}$/)
const Lock = z.strictObject({
  version: z.literal(1),
  /** Versions of ansible-core that these playbooks were tested with. */
  ansible: z.array(z.string().regex(/^\d+\.\d+\.\d+$/)).min(1),
  /** Digest of our own code that carries a playbook out. */
  frame: hex,
  playbooks: z.record(z.string(), z.strictObject({ version: z.string(), digest: hex })),
})
export type Lock = z.output<typeof Lock>

/** What is really there, to be compared with the lock. */
export type Installed = { readonly ansible: string; readonly frame: Digest }

/** Reads the lock. Throws `catalogue.not-pinned` when there is none or it is not one. */
export function readLock(dir: string): Lock {
  const path = join(dir, lockFileName)
  try {
    return Lock.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (cause) {
    throw notPinned(`${path} can't be read, so no playbook is pinned.`, cause)
  }
}

/** Null when nothing was pinned yet. */
export function priorLock(dir: string): Lock | null {
  try {
    return readLock(dir)
  } catch {
    // It is about to be written anew, whatever is wrong with it.
    return null
  }
}

/**
 * The digest that plans are bound to. Throws `catalogue.not-pinned` naming the playbook when anything differs from the
 * lock.
 */
export function pinnedDigest(lock: Lock, entry: Entry, installed: Installed): Digest {
  const { id, version } = entry.manifest
  const pinned = Object.hasOwn(lock.playbooks, id) ? lock.playbooks[id] : undefined
  if (pinned === undefined) throw notPinned(`The playbook ${id} is not pinned.`)
  if (pinned.digest !== entry.content)
    throw notPinned(`The playbook ${id} is not what was pinned as version ${pinned.version}.`)
  if (lock.frame !== installed.frame) {
    throw notPinned(`The playbook ${id} was pinned with another version of the code that carries it out.`)
  }
  if (!lock.ansible.includes(installed.ansible)) {
    throw notPinned(
      `The playbook ${id} was pinned for ansible-core ${lock.ansible.join(', ')}, and this is ${installed.ansible}.`,
    )
  }
  return digestOf({ id, version, content: entry.content, ...installed })
}

/** What manifests and cases may name. */
export type Known = { readonly probes: ReadonlyMap<string, Probe>; readonly faults: readonly string[] }

/** Every playbook, checked without the lock. Throws `catalogue.invalid`. */
export function checkedEntries(dir: string, known?: Known): readonly Entry[] {
  return entryNames(dir).map((id) => {
    const entry = readEntry(dir, id)
    if (known === undefined) return entry
    checkReadings(dir, entry, known.probes)
    casesOf(dir, id, known.faults)
    return entry
  })
}

/**
 * Checks every playbook, against what is known when that is given, and writes the lock anew. Versions of Ansible that
 * were pinned before stay pinned.
 */
export function writeLock(dir: string, installed: Installed, known?: Known): Lock {
  const before = priorLock(dir)?.ansible ?? []
  const entries = checkedEntries(dir, known)
  const lock: Lock = {
    version: 1,
    ansible: [...new Set([...before, installed.ansible])].sort(),
    frame: installed.frame,
    playbooks: Object.fromEntries(
      entries.map(({ manifest, content }) => [manifest.id, { version: manifest.version, digest: content }]),
    ),
  }
  const path = join(dir, lockFileName)
  writeFileSync(`${path}.new`, `${readableJson(lock)}\n`)
  renameSync(`${path}.new`, path)
  return lock
}

/** Short lists on one line, as the formatter has them. */
function readableJson(lock: Lock): string {
  return JSON.stringify(lock, null, 2).replaceAll(
    /\[\s+([^\]]*?)\s+\]/g,
    (_, items: string) => `[${items.replaceAll(/\s+/g, ' ')}]`,
  )
}

function notPinned(message: string, cause?: unknown): Failure {
  return new Failure({
    code: 'catalogue.not-pinned',
    message,
    hint: 'Review the change, then type `npx millwright playbook lock`.',
    cause,
  })
}
