import { beforeAll, describe, expect, it } from 'vitest'
import { knowSecrets } from '../../runtime/known-secrets.ts'
import { redactText } from '../../runtime/redaction.ts'

const token = 'zu-Hause/42 ist+es"schön'
const pem = '-----BEGIN THING-----\nAbCdEfGhIjKl0123456789\nMnOpQrSt/9876543210\n-----END THING-----\n'

describe('a secret that the process was handed', () => {
  beforeAll(() => knowSecrets([token, pem, 'short', 'production', '', '12345678']))

  it.each([
    ['as it is', token],
    ['in JSON', JSON.stringify({ says: token })],
    ['in an address', `https://example.com/${encodeURIComponent(token)}/x`],
    ['in base64', Buffer.from(token).toString('base64')],
    ['in base64 with other things', `blob ${Buffer.from(`xy says ${token} and more`).toString('base64')}`],
    ['in base64 twice', Buffer.from(Buffer.from(token).toString('base64')).toString('base64')],
    ['in hexadecimal', Buffer.from(token).toString('hex')],
    ['with colours in it', `${token.slice(0, 6)}\u001B[31m${token.slice(6)}`],
    ['as one line of a key', 'seen AbCdEfGhIjKl0123456789 there'],
  ])('is gone %s', (_, text) => {
    const safe = redactText(`a ${text} b`)
    expect(safe).toMatch(/\[redacted:(?:known|encoded)\]/)
    expect(safe).not.toMatch(/Hause|AbCdEfGhIjKl/)
  })

  it('is not looked for where it is a word or short', () => {
    const line = 'a short run in production, 12345678 rows, BEGIN THING'
    expect(redactText(line)).toBe(line)
  })
})
