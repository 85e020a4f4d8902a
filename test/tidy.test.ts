// Style as a test: what a reviewer would say twice is said here once.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const longestFile = 300
const widestLine = 120
/** Files come from people and tools alike; what git knows, and what it would take. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root })
  .toString()
  .split('\n')
  // This file holds the very words that it looks for.
  .filter((file) => /\.(ts|mts|mjs|py)$/.test(file) && !/^(lab\/rules\/|test\/tidy\.test\.ts)/.test(file))
  .flatMap((file) => readOrNothing(file))

const typescript = files.filter(({ file }) => file.endsWith('.ts'))
const product = typescript.filter(({ file }) => !/^(test|lab|bench)\//.test(file))

describe('every file', () => {
  test(`has at most ${longestFile} lines`, () => {
    expect(files.filter(({ lines }) => lines.length > longestFile + 1).map(({ file }) => file)).toEqual([])
  })

  test(`has comments of at most ${widestLine} characters a line; the formatter sees to the code`, () => {
    expect(found(files, (line) => line.length > widestLine && /^\s*(\/\/|\/?\*|# )/.test(line))).toEqual([])
  })

  test('is a source: compiled Python runs before its source, and no digest covers it', () => {
    const known = execFileSync('git', ['ls-files'], { cwd: root }).toString().split('\n')
    expect(known.filter((file) => /\.pyc$|__pycache__/.test(file))).toEqual([])
  })

  test('promises nothing for later', () => {
    expect(found(files, (line) => /\b(TODO|FIXME|XXX|HACK)\b/.test(line))).toEqual([])
  })

  test('lies in a folder that says what is in it', () => {
    expect(
      files.filter(({ file }) => /(^|\/)(utils?|helpers?|misc|common)(\/|\.)/.test(file)).map(({ file }) => file),
    ).toEqual([])
  })
})

describe('the product', () => {
  test('reads the environment in runtime/secrets.ts only, and set-up in bin/', () => {
    const readers = new Set(product.filter(({ code }) => /process\.env\b/.test(code)).map(({ file }) => file))

    expect([...readers]).toEqual(['runtime/secrets.ts'])
  })

  test('starts nothing through a shell', () => {
    expect(
      found(files, (line) => /\bshell:\s*(true|['"])|\bexecSync\(|\bexec\(['"`]|os\.system\(|shell=True/.test(line)),
    ).toEqual([])
  })

  test('knows the type of everything', () => {
    expect(found(product, (line) => /(:\s*|<|\bas )any\b(?!\w)/.test(withoutText(line)))).toEqual([])
    expect(found(product, (line) => /[\w\])]!(?=[.;,)\]]|$)/.test(withoutText(line)))).toEqual([])
  })

  test('says why where it claims a type', () => {
    const claims = product.flatMap(({ file, lines }) =>
      lines.flatMap((line, at) => {
        const isClaim = /\)?\s\bas (?!const\b)[A-Z]\w*/.test(withoutText(line)) && !/^\s*(import|export)\b/.test(line)
        const hasReason = /^\s*(\/\/|\*)/.test(lines[at - 1] ?? '')
        return isClaim && !hasReason ? [`${file}:${at + 1}`] : []
      }),
    )

    expect(claims).toEqual([])
  })

  test('gives every suppression a reason', () => {
    const bare = /(oxlint|eslint)-disable(?!.*--)|@ts-(ignore|nocheck|expect-error)(?!.*\w{3})/

    expect(found(files, (line) => bare.test(line))).toEqual([])
  })
})

describe('words', () => {
  const glossary = readFileSync(join(root, 'docs', 'glossary.md'), 'utf8')
  const banned = [...glossary.matchAll(/^\| [^|]+ \| [^|]+ \| (\w[\w, -]*) \|$/gm)]
    .flatMap(([, words = '']) => words.split(', '))
    .filter((word) => word !== 'not')

  test('the glossary names words to keep out', () => {
    expect(banned).toContain('runbook')
  })

  test.each(banned)('pages and commands never say "%s"', (word) => {
    const people = product.filter(({ file }) => /^(gateway\/pages|cli|domain\/telling)/.test(file))

    expect(found(people, (line) => texts(line).some((text) => new RegExp(`\\b${word}s?\\b`, 'i').test(text)))).toEqual(
      [],
    )
  })
})

type Source = { readonly file: string; readonly lines: readonly string[]; readonly code: string }

function readOrNothing(file: string): readonly Source[] {
  try {
    const text = readFileSync(join(root, file), 'utf8')
    return [{ file, lines: text.split('\n'), code: withoutText(text.replaceAll(/^\s*(\/\/|\*|\/\*).*$/gm, '')) }]
  } catch {
    // Deleted, and not yet committed so.
    return []
  }
}

function found(sources: readonly Source[], matches: (line: string) => boolean): readonly string[] {
  return sources.flatMap(({ file, lines }) =>
    lines.flatMap((line, at) => (matches(line) ? [`${file}:${at + 1}: ${line.trim().slice(0, 80)}`] : [])),
  )
}

/** The line without what stands between quotes, and without its comment. */
function withoutText(line: string): string {
  return line
    .replaceAll(/'[^'\n]*'|"[^"\n]*"|`[^`\n]*`/g, "''")
    .replaceAll(/\/\/.*$/gm, '')
    .replaceAll(/^\s*\/?\*.*$/gm, '')
}

function texts(line: string): readonly string[] {
  return line.match(/'[^'\n]*'|"[^"\n]*"|`[^`\n]*`|>[^<>{}]+</g) ?? []
}
