// Hostile text is worth no more work than its length: four times the text, about four times the time.
import { describe, expect, it } from 'vitest'
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
  ['brands', 'sk-a.ghp_a.glpat-a.xoxb-a.AKIA.npm_a.whsec_a-'],
  ['glsa', 'glsa_='],
  ['vault', 'hvs.aaaaaaaaaaaaaa.atlasv1.'],
  ['telegram', '12345678:AAa'],
  ['hashes', '$6$a{SSHA}a'],
  ['web hooks', 'hooks.slack.com/services/'],
  ['private keys', '-----BEGIN PRIVATE KEY-----'],
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
]

const kib = 1024

function work(part: string, length: number): number {
  const text = part.repeat(Math.ceil(length / part.length)).slice(0, length)
  const times = Array.from({ length: 3 }, () => {
    const before = process.cpuUsage()
    redactText(text)
    const { user, system } = process.cpuUsage(before)
    return user + system
  })
  return Math.min(...times)
}

describe('redaction of hostile text', () => {
  it.each(hostile)('takes time that grows as the text does: %s', (_, part) => {
    work(part, 4 * kib)
    // A millisecond more, so that what costs next to nothing is not compared.
    expect((work(part, 256 * kib) + 1_000) / (work(part, 64 * kib) + 1_000)).toBeLessThan(10)
  })
})
