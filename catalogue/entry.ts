// One playbook's folder as it stands on disk: read whole, digested, checked. What was read is what runs.
import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Digest } from '../domain/ids.ts'
import { digestOf, sha256 } from '../runtime/digest.ts'
import { type Manifest, parseManifest } from './manifest.ts'
import { checkPlay } from './play.ts'
import { unsaid } from './touches.ts'
import { invalid, lineAt, maximumFileBytes } from './yaml-file.ts'

/** A file of a playbook: its path inside the folder and what it holds. */
export type PlaybookFile = { readonly path: string; readonly content: Uint8Array }

export type Entry = {
  readonly manifest: Manifest
  /** Sorted by path; everything but `tests/`. */
  readonly files: readonly PlaybookFile[]
  /** Over paths and contents of `files`. */
  readonly content: Digest
}

const rootFiles = new Set(['manifest.yml', 'playbook.yml', 'undo.yml', 'README.md'])
const folders = new Set(['files', 'tests'])
const maximumFiles = 32

/** The names of the folders that are playbooks of the catalogue: those with a `manifest.yml`. */
export function entryNames(dir: string): readonly string[] {
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && hasManifest(join(dir, entry.name)))
    .map((entry) => entry.name)
    .sort()
}

/** Reads one playbook and checks everything that can be checked without the lock. Throws `catalogue.invalid`. */
export function readEntry(dir: string, id: string): Entry {
  const folder = join(dir, id)
  if (!entryNames(dir).includes(id)) throw invalid(folder, null, 'there is no playbook of that name')
  const files = filesOf(folder)
  const manifestFile = join(folder, 'manifest.yml')
  const manifest = parseManifest(manifestFile, textOf(files, 'manifest.yml', folder))
  if (manifest.id !== id) throw invalid(manifestFile, null, `id: expected ${id}, the folder's name`)
  const params = manifest.params.map((param) => param.name)
  const calls = checkPlay(join(folder, 'playbook.yml'), textOf(files, 'playbook.yml', folder), params)
  const hasUndo = files.some((file) => file.path === 'undo.yml')
  if (hasUndo !== (manifest.undo.kind === 'play')) {
    throw invalid(
      manifestFile,
      null,
      hasUndo ? 'undo: expected `play`, for there is an undo.yml' : 'undo: expected a file undo.yml',
    )
  }
  const undoing = hasUndo ? checkPlay(join(folder, 'undo.yml'), textOf(files, 'undo.yml', folder), params) : []
  // What is taken back is what is shown of it: the reversible effects.
  const reversible = manifest.effects.filter((effect) => effect.reversible)
  const problem = unsaid(manifest.effects, manifest.params, calls) ?? unsaid(reversible, manifest.params, undoing)
  if (problem !== null) {
    const line = lineAt(textOf(files, 'manifest.yml', folder), ['effects'])
    throw invalid(manifestFile, line, `effects: ${problem}`)
  }
  textOf(files, 'README.md', folder)
  return { manifest, files, content: digestOf(files.map((file) => [file.path, sha256(file.content)])) }
}

function hasManifest(folder: string): boolean {
  return readdirSync(folder).includes('manifest.yml')
}

function filesOf(folder: string): readonly PlaybookFile[] {
  const files = readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name)
      const kind = lstatSync(path)
      if (kind.isFile() && rootFiles.has(name)) return [readOne(path, name)]
      if (kind.isDirectory() && folders.has(name)) return name === 'tests' ? [] : filesBelow(path)
      throw invalid(path, null, `expected only ${[...rootFiles, ...folders].join(', ')} in a playbook's folder`)
    })
  if (files.length > maximumFiles) throw invalid(folder, null, `expected at most ${maximumFiles} files`)
  return files
}

function filesBelow(folder: string): readonly PlaybookFile[] {
  return readdirSync(folder)
    .sort()
    .map((name) => {
      const path = join(folder, name)
      if (!lstatSync(path).isFile()) throw invalid(path, null, 'expected plain files only')
      return readOne(path, `${basename(folder)}/${name}`)
    })
}

function readOne(path: string, name: string): PlaybookFile {
  if (lstatSync(path).size > maximumFileBytes) throw invalid(path, null, `expected at most ${maximumFileBytes} bytes`)
  return { path: name, content: readFileSync(path) }
}

function textOf(files: readonly PlaybookFile[], path: string, folder: string): string {
  const file = files.find((one) => one.path === path)
  if (file === undefined) throw invalid(join(folder, path), null, 'this file is missing')
  return Buffer.from(file.content).toString('utf8')
}
