// Who answers: one file each in `personas/`, chosen by the key that a request shows.
import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { Failure } from '../../domain/failure.ts'
import { type Random, randomFrom } from '../proving/random.ts'
import type { Ends } from './ends.ts'
import type { Heard, Said } from './heard.ts'
import type { Latency } from './latency.ts'

export type Asked = {
  /** How often this very request came before. */
  readonly again: number
  /** The same for the same request and seed. */
  readonly random: Random
}

export type Persona = {
  /** What it does, in one sentence. */
  readonly says: string
  /** What is right where it is asked. */
  readonly ends: Ends
  /** Answers from what it was sent, and from nothing else. */
  readonly answer: (heard: Heard, asked: Asked) => Said
  /** Absent: the server's. */
  readonly latency?: Latency
}

const mostRemembered = 20_000
const folder = join(import.meta.dirname, 'personas')
const PersonaModule = z.looseObject({
  default: z.custom<Persona>((value) => typeof value === 'object' && value !== null && 'answer' in value),
})

export async function personaNames(): Promise<readonly string[]> {
  const files = await readdir(folder)
  return files
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -'.ts'.length))
    .toSorted()
}

export async function loadPersonas(): Promise<ReadonlyMap<string, Persona>> {
  const names = await personaNames()
  const loaded = names.map(async (name): Promise<[string, Persona]> => {
    const module: unknown = await import(join(folder, `${name}.ts`))
    return [name, PersonaModule.parse(module).default]
  })
  return new Map(await Promise.all(loaded))
}

/** A key that this persona answers; `mark` makes it another key, so that it can be looked for. */
export function keyFor(persona: string, mark: string): string {
  return `lab.${persona}.${mark}`
}

/** The persona that a key names; undefined: none. */
export function namedBy(key: string): string | undefined {
  return /^lab\.([a-z-]+)\./.exec(key)?.[1]
}

export function requirePersona(personas: ReadonlyMap<string, Persona>, name: string): Persona {
  const found = personas.get(name)
  if (found !== undefined) return found
  throw new Failure({
    code: 'input.not-found',
    message: `The model server knows no persona "${name}".`,
    hint: `It knows: ${[...personas.keys()].join(', ')}.`,
  })
}

/** Answers how often the same request came before; of the oldest it knows nothing any more. */
export function repeats(): (heard: Heard) => number {
  const times = new Map<string, number>()
  return (heard) => {
    const digest = digestOf(heard.key, heard).toString('hex')
    const before = times.get(digest) ?? 0
    times.delete(digest)
    times.set(digest, before + 1)
    for (const [oldest] of times) {
      if (times.size <= mostRemembered) break
      times.delete(oldest)
    }
    return before
  }
}

/** Random numbers for one request: with the same seed it is answered the same. */
export function randomFor(seed: number, heard: Heard): Random {
  return randomFrom(digestOf(String(seed), heard).readUInt32BE(0))
}

function digestOf(salt: string, { blocks }: Heard): Buffer {
  const digest = createHash('sha256').update(salt)
  for (const { bytes } of blocks) digest.update(bytes)
  return digest.digest()
}
