import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The names of the folders in one that have an `index.ts`. */
export function foldersIn(path: string): readonly string[] {
  return readdirSync(path).filter((name) => existsSync(join(path, name, 'index.ts')))
}

/** The golden files of a folder, by name. */
export function fixturesIn(path: string): readonly { readonly name: string; readonly content: unknown }[] {
  const folder = join(path, 'fixtures')
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
  return names.map((name) => ({ name, content: JSON.parse(readFileSync(join(folder, name), 'utf8')) }))
}
