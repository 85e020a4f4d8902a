// Programs that are found by their file's name, such as proofs and benchmarks.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../domain/failure.ts'

const programFile = /^([a-z][a-z0-9-]*)\.ts$/

export function namedPrograms(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .flatMap((file) => programFile.exec(file)?.[1] ?? [])
    .toSorted()
}

/** The path of a program. Throws `input.not-found` with the names there are. */
export function programNamed(folder: string, name: string): string {
  const names = namedPrograms(folder)
  if (names.includes(name)) return join(folder, `${name}.ts`)
  throw new Failure({
    code: 'input.not-found',
    message: `There is nothing named "${name}" to run.`,
    hint: `There is: ${names.join(', ') || 'nothing yet'}.`,
  })
}
