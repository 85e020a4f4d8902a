import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { failureCodes } from '../../domain/failure.ts'

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'errors.md'), 'utf8')
const sections = page
  .split(/^## /m)
  .slice(1)
  .map((text) => ({ code: text.split('\n')[0] ?? '', text }))

test('docs/errors.md has a paragraph for every code and for nothing else', () => {
  const documented = sections.map(({ code }) => code)

  expect(documented.toSorted()).toEqual(Object.keys(failureCodes).toSorted())
})

test.each(Object.entries(failureCodes))(
  'the paragraph of %s names its HTTP status and exit code',
  (code, { http, exit }) => {
    const text = sections.find((section) => section.code === code)?.text

    expect(text).toContain(`[${http}, ${exit}]`)
  },
)
