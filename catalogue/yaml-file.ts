// One YAML text, one schema, and errors that name the file, the line, the key and what was expected.
import { isNode, LineCounter, parseDocument, type Document } from 'yaml'
import type { z } from 'zod'
import { Failure } from '../domain/failure.ts'
import { nearest } from '../domain/nearest.ts'
import { keysAt } from '../runtime/unknown-key.ts'

/** No file of a playbook is larger. */
export const maximumFileBytes = 64 * 1024

/**
 * Parses a YAML text with a closed schema. Aliases are refused: they hide what a reviewer would have to read.
 * Throws `catalogue.invalid` naming the line and the key.
 */
export function parseYaml<Schema extends z.ZodType>(file: string, text: string, schema: Schema): z.output<Schema> {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, version: '1.2' })
  const [problem] = [...document.errors, ...document.warnings]
  if (problem !== undefined) throw invalid(file, problem.linePos?.[0].line ?? null, firstLine(problem.message))
  const value = plainValue(file, document)
  const result = schema.safeParse(value)
  if (result.success) return result.data
  // What is missing is often what was mistyped: the unknown key says both.
  const issues = result.error.issues
  const strange = issues.find((one) => one.code === 'unrecognized_keys')
  if (strange !== undefined) {
    const [key = ''] = strange.keys
    const path = [...strange.path, key]
    throw invalid(
      file,
      lineOf(document, lines, path),
      `${keyText(path)}: ${unknownKey(key, keysAt(schema, strange.path))}`,
    )
  }
  const [issue] = issues
  if (issue === undefined) throw invalid(file, null, 'it does not follow the schema')
  const isMissing = issue.code === 'invalid_type' && !document.hasIn(issue.path) && issue.path.length > 0
  const says = isMissing ? 'this key is missing' : issue.message
  throw invalid(file, lineOf(document, lines, issue.path), `${keyText(issue.path)}: ${says}`)
}

/** Keys with dots are modules: they are much alike by name, so all are told. */
function unknownKey(key: string, known: readonly string[]): string {
  const alike = known.filter((one) => one.includes('.') === key.includes('.'))
  const close = key.includes('.') ? null : nearest(key, alike)
  const there = alike.length === 0 ? '' : `. There is: ${alike.join(', ')}.`
  return `this key is unknown${close === null ? there : `; did you mean ${close}?`}`
}

/** A finding of `catalogue/` about one file; `line` counts from 1. */
export function invalid(file: string, line: number | null, says: string): Failure {
  return new Failure({
    code: 'catalogue.invalid',
    message: `${file}${line === null ? '' : `, line ${line}`}: ${says}`,
    hint: 'Correct the file, then type `npx millwright playbook lint`.',
  })
}

function plainValue(file: string, document: Document.Parsed): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 })
  } catch {
    throw invalid(file, null, 'anchors and aliases are not allowed here')
  }
}

/** Where `path` stands in a YAML text that was parsed before. */
export function lineAt(text: string, path: readonly PropertyKey[]): number | null {
  const lines = new LineCounter()
  return lineOf(parseDocument(text, { lineCounter: lines }), lines, path)
}

/** The line of the node at `path`; of its nearest ancestor when the node itself is missing. */
function lineOf(document: Document.Parsed, lines: LineCounter, path: readonly PropertyKey[]): number | null {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
  }
  return null
}

function keyText(path: readonly PropertyKey[]): string {
  return path.length === 0 ? 'top level' : path.map(String).join('.')
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? text
}
