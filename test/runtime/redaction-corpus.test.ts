// What is planted must be gone, whatever it is wrapped in, and what operators need must stay.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { redactJson, redactText } from '../../runtime/redaction.ts'
import { disguises, kinds, leaks, secret } from '../support/planted.ts'

const values: readonly (readonly [string, string, string])[] = [
  ['a short number', 'password=4711', '4711'],
  ['a short number in JSON', '{"password":4711,"n":1}', '4711'],
  ['a short number of a client', 'PGPASSWORD=0815', '0815'],
  ['a short password', 'password: qz', 'qz'],
]

describe('what is planted', () => {
  it.each(disguises)('would be found: %s', (_, disguise) => {
    expect(kinds.filter(([, line]) => !leaks(disguise(line))).map(([kind]) => kind)).toEqual([])
  })

  it.each(disguises)('is gone: %s', (_, disguise) => {
    const left = kinds.filter(([, line]) => {
      const text = redactText(disguise(line))
      return leaks(text) || redactText(text) !== text
    })
    expect(left.map(([kind]) => kind)).toEqual([])
  })

  it.each(values)('is gone when it is %s', (_, line, value) => {
    expect(redactText(line)).not.toContain(value)
    expect(redactText(JSON.stringify({ line }))).not.toContain(value)
  })

  it.each(['', 'x\n… 99 characters left out …\n'])('is gone when its beginning was cut off after %j', (before) => {
    const rest = `${secret}${secret}\n${secret}=\n-----END PRIVATE KEY-----`
    for (const text of [rest, rest.replaceAll('\n', String.raw`\n`)])
      expect(redactText(`${before}${text} and more`)).toBe(`${before.trimEnd()}[redacted:private-key] and more`)
  })

  it('is gone from values that are judged with their names', () => {
    const value = [
      { name: 'API_KEY', value: secret },
      { password: 4711, port: 5432 },
    ]
    expect(redactJson(value)).toEqual([
      { name: 'API_KEY', value: '[redacted:secret]' },
      { password: '[redacted:secret]', port: 5432 },
    ])
  })

  it('leaves JSON behind that is JSON', () => {
    const lines = [...kinds.map(([, line]) => line), '{"password":4711,"n":1}']
    for (const line of lines) {
      for (const text of [JSON.stringify({ line }), JSON.stringify({ body: JSON.stringify({ line }) })]) {
        expect(() => void JSON.parse(redactText(text)), redactText(text)).not.toThrow()
      }
    }
    expect(JSON.parse(redactText('{"password":4711,"n":1}'))).toEqual({ password: '[redacted:secret]', n: 1 })
  })
})

describe('what operators need', () => {
  const lines = readFileSync(join(import.meta.dirname, 'fixtures', 'benign-log-lines.txt'), 'utf8')
    .trimEnd()
    .split('\n')

  it('stays in at least 99 of 100 lines', () => {
    expect(new Set(lines).size).toBeGreaterThanOrEqual(300)
    const altered = lines.filter((line) => redactText(line) !== line)
    expect(altered.length, altered.join('\n')).toBeLessThanOrEqual(Math.floor(lines.length / 100))
  })

  it.each(['make check: pass=12 fail=0', 'PASS: test_login', 'proxy_pass=http://app', 'pass: true'])(
    'stays where something passes: %s',
    (line) => expect(redactText(line)).toBe(line),
  )

  it('stays in what alerts are told apart by', () => {
    const labels = {
      instance: 'db-01.example.com:9100',
      unit: 'postgresql@16-main.service',
      path: '/etc/ssl/private/site.key',
      image: `registry.example:5000/app@sha256:${'0123456789abcdef'.repeat(4)}`,
      id: '0198f2a1-7c3e-7b44-9d1e-2f6a8b9c0d1e',
      incident: 'inc_01jd8x2k3m4n5p6q7r8s9t0v1w',
      generatorURL: 'http://prometheus.example:9090/graph?g0.expr=up%7Bjob%3D%22node%22%7D+%3D%3D+0&g0.tab=1',
      runbook: 'https://example.com:8443/runbooks/disk@full',
    }
    expect(redactJson(labels)).toEqual(labels)
    expect(redactText(JSON.stringify(labels))).toBe(JSON.stringify(labels))
  })
})
