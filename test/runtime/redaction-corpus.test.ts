// What is planted must be gone, whatever it is wrapped in, and what operators need must stay.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { redactJson, redactText } from '../../runtime/redaction.ts'

/** No part of it is a word that stands anywhere else. */
const secret = 'Zq7wHunter2Kx9vTr4mLp8'
const tail = 'Kx9vTr4mLp8'
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const percent = (text: string): string =>
  text.replaceAll(/[^A-Za-z0-9]/g, (letter) => `%${letter.charCodeAt(0).toString(16).padStart(2, '0')}`)
const escapes = (text: string): string =>
  text.replaceAll(/(?<!\\)[A-Za-z:=@]/g, (letter) => String.raw`\u00${letter.charCodeAt(0).toString(16)}`)

const kinds: readonly (readonly [string, string])[] = [
  ['environment', `DB_PASSWORD=${secret}`],
  ['client environment', `PGPASSWORD=${secret} psql -h db`],
  ['upper-case key', `API_KEY=${secret}`],
  ['camel-case key', `clientSecret: ${secret}`],
  ['token', `auth_token=${secret}`],
  ['access key', `aws_secret_access_key=${secret}`],
  ['quoted value', `password = "${secret}"`],
  ['single-quoted value', `passwd: '${secret}'`],
  ['cut-off value', `password: "${secret}`],
  ['separator inside', `password=Zq7w,x;y&Hunter2${tail}`],
  ['flag', `app --password ${secret} --verbose`],
  ['quoted flag', `app --token "${secret}"`],
  ['bearer', `Authorization: Bearer ${secret}`],
  ['basic', `Authorization: Basic ${base64(`me:${secret}`)}`],
  ['cookie', `Cookie: sid=${secret}`],
  ['URL', `postgres://app:${secret}@db:5432/app`],
  ['URL with a slash', `postgres://app:Zq7w/${tail}@db:5432/app`],
  ['URL with a sign', `postgres://app:Zq7w@${tail}@db:5432/app`],
  ['URL with both', `amqp://app:Zq@7w/x@${tail}@mq/vhost`],
  ['link', `https://example.com/in?token=${secret}&x=1`],
  ['pgpass', `db-01.example.com:6000:app:deploy:${secret}`],
  ['pgpass for all', `*:*:*:deploy:${secret}`],
  ['container environment', `- name: DB_PASSWORD\n  value: ${secret}`],
  ['container environment, quoted', `- name: "API_KEY"\n  value: "${secret}"`],
  ['container environment, JSON', `{"name":"API_KEY","value":"${secret}"}`],
  ['sentence', `the password is ${secret}`],
  ['sentence with a person', `password for deploy: ${secret}`],
  ['sentence with a change', `password for app was ${secret}`],
  ['YAML block', `password: |\n      ${secret}`],
  ['YAML next line', `password:\n        ${secret}`],
  ['XML', `<password>${secret}</password>`],
  ['SQL', `ALTER ROLE app PASSWORD '${secret}'`],
  ['netrc', `login deploy\n  password ${secret}`],
  ['GitLab token', `fetch glpat-${secret}`],
  ['long value', `password=${'a'.repeat(9_000)}${secret}`],
  ['long quoted value', `password="${'a b'.repeat(3_000)}${secret}"`],
  ['long token', `seen sk-ant-${'a'.repeat(9_000)}${secret}`],
  ['escaped quote', String.raw`{"password":"Zq7w\"Hunter2${tail}"}`],
]

const disguises: readonly (readonly [string, (line: string) => string])[] = [
  ['plain', (line) => line],
  ['trailing punctuation', (line) => `${line}.`],
  ['in brackets', (line) => `failed (${line})`],
  ['JSON', (line) => JSON.stringify({ message: line, n: 1 })],
  ['JSON in JSON', (line) => JSON.stringify({ body: JSON.stringify({ message: line }) })],
  ['percent', (line) => `q=${percent(line)}`],
  ['base64', (line) => `payload ${base64(line)}`],
  ['base64 of JSON', (line) => base64(JSON.stringify({ line }))],
  ['escaped letters', (line) => escapes(line)],
  ['escaped letters in JSON', (line) => `{"message":"${escapes(JSON.stringify(line).slice(1, -1))}"}`],
  ['many lines', (line) => `first\n  ${line}\nlast`],
  ['colours', (line) => `\u001B[1;31m${line.slice(0, 4)}\u001B[0m${line.slice(4)}\u001B[K`],
  ['after a time stamp', (line) => `2026-01-02T03:04:05Z app[12]: ${line}`],
]

const values: readonly (readonly [string, string, string])[] = [
  ['a short number', 'password=4711', '4711'],
  ['a short number in JSON', '{"password":4711,"n":1}', '4711'],
  ['a short number of a client', 'PGPASSWORD=0815', '0815'],
  ['a short password', 'password: qz', 'qz'],
]

describe('what is planted', () => {
  it.each(disguises)('is gone: %s', (_, disguise) => {
    const left = kinds.filter(([, line]) => {
      const text = redactText(disguise(line))
      return text.includes(tail) || text.includes(base64(`me:${secret}`)) || redactText(text) !== text
    })
    expect(left.map(([kind]) => kind)).toEqual([])
  })

  it.each(values)('is gone when it is %s', (_, line, value) => {
    expect(redactText(line)).not.toContain(value)
    expect(redactText(JSON.stringify({ line }))).not.toContain(value)
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
