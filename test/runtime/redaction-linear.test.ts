// Hostile text is worth no more work than its length: four times the text, about four times the time.
import { describe, expect, it } from 'vitest'
import { foldText } from '../../runtime/for-model.ts'
import { redactText } from '../../runtime/redaction.ts'

/** What a rule begins with, again and again, and never its end; what goes before and after all of it. */
const hostile: readonly (readonly [string, string])[] = [
  ['letters', 'a'],
  ['base64', 'QUFB'],
  ['percent', '%41'],
  ['escaped letters', String.raw`\u0061`],
  ['backslashes', '\\'],
  ['backslashes and quotes', String.raw`\\"`],
  ['terminal', '\u001B]'],
  ['web tokens', 'eyJaaaaaa.'],
  ['titles', '\u009D'],
  ['marks', '\u0315\u0300'],
  ['marks and letters of another width', '\uFF9E\u0315\uFF01'],
  ['brands', 'sk-a.ghp_a.glpat-a.xoxb-a.AKIA.npm_a.whsec_a-'],
  ['glsa', 'glsa_='],
  ['vault', 'hvs.aaaaaaaaaaaaaa.atlasv1.'],
  ['telegram', '12345678:AAa'],
  ['hashes', '$6$a{SSHA}a'],
  ['web hooks', 'hooks.slack.com/services/'],
  ['private keys', '-----BEGIN PRIVATE KEY-----'],
  ['private keys and lines', '-----BEGIN PRIVATE KEY-----\nVersion: a\nQUFBQUFBQUFBQUFBQUFB\n'],
  ['lines of keys', `${'aB1'.repeat(21)}a\n`],
  ['private lines', 'Private-Lines: 1 '],
  ['authorization', 'authorization: bearer '],
  ['cookie', 'cookie: a'],
  ['addresses', '://a:a'],
  ['addresses with signs', '://a:a@a?'],
  ['signs', '@a:b/'],
  ['one address', 'a://a:/a'],
  ['links', '?token=a&sig='],
  ['flags', ' --a-b-c-token'],
  ['mysql', 'mysql '],
  ['curl', 'curl -u a '],
  ['htpasswd', 'htpasswd -b a '],
  ['others', 'sshpass redis-cli smbclient -k '],
  ['SQL', "identified with a by password 'a' password '"],
  ['netrc', 'login a password '],
  ['pgpass', 'host.a:5432:a:'],
  ['docker', '"auth":"YTpi'],
  ['names', 'password'],
  ['names and signs', 'password='],
  ['names and quotes', 'password="'],
  ['names and escaped quotes', String.raw`password=\"`],
  ['names and deeper quotes', String.raw`password=\\\"\"`],
  ['names and single quotes', "token='\\\\"],
  ['names and blocks', 'password: | '],
  ['names and separators', 'secret=a,b;'],
  ['keys', 'api_key access_key'],
  ['name and value', 'name: password, value '],
  ['many names', '"name":"a.password.'],
  ['tags', '<a.password>a'],
  ['sentences', 'password for a is '],
  ['names and spaces', 'password aA1aaaaa '],
  ['names and many letters', 'token aA'],
  ['directives', 'requirepass bindpw '],
  ['vendors', 'ATATT3.dp.pt.pscale_tkn_sntrys_ABSKa.t1.9eua.8Q~'],
  ['dots of vendors', 'dp.pt.a.'],
  ['signs of vendors', 'ATATT3==='],
  ['hexadecimal', '6161'],
  ['base64 in base64', 'UVVGQlFVRkI'],
  ['sentences with a colon', 'password for a: a'],
  ['lists and objects', 'password":[{"value":"'],
  ['constants', "define('password', '"],
  ['drivers', 'a:a@tcp('],
  ['registries', 'docker login -p '],
]

const kib = 1024

function work(redact: (text: string) => string, part: string, length: number): number {
  const text = part.repeat(Math.ceil(length / part.length)).slice(0, length)
  const times = Array.from({ length: 3 }, () => {
    const before = process.cpuUsage()
    redact(text)
    const { user, system } = process.cpuUsage(before)
    return user + system
  })
  return Math.min(...times)
}

function expectLinear(redact: (text: string) => string, part: string): void {
  work(redact, part, 4 * kib)
  // A millisecond more, so that what costs next to nothing is not compared.
  const ratio = (work(redact, part, 256 * kib) + 1_000) / (work(redact, part, 64 * kib) + 1_000)
  expect(ratio).toBeLessThan(10)
}

describe('redaction of hostile text', () => {
  it.each(hostile)('takes time that grows as the text does: %s', (_, part) => expectLinear(redactText, part))
})

describe('text as it is compared', () => {
  it.each(['\u0315\u0300', '\uFF9E\u0315', 'a\u0301', '\uFDFA'])('takes time that grows as the text does: %j', (part) =>
    expectLinear(foldText, part),
  )
})
