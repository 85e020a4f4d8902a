// How the proof about planted secrets looks for them, and when a planting counts.
import { describe, expect, it } from 'vitest'
import { randomFrom } from '../../lab/proving/random.ts'
import { formsOf } from '../../lab/proving/secrets/forms.ts'
import { atOnce, cameTo, plantings } from '../../lab/proving/secrets/plant.ts'

const secret = 'Zq7wHunter2Kx9vTr4mLp8'
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const spelled = (letter: (code: string) => string): string =>
  secret.replaceAll(/[^]/g, (one) => letter(one.charCodeAt(0).toString(16).padStart(2, '0')))

describe('a secret is found', () => {
  it.each([
    ['as it is', secret],
    ['in base64', `blob ${base64(`say ${secret} now`)}`],
    ['in base64 in base64', base64(base64(`say ${secret} now`))],
    ['in hexadecimal', `dump ${Buffer.from(`say ${secret}`).toString('hex')}`],
    ['in hexadecimal in base64', base64(Buffer.from(secret).toString('hex'))],
    ['in an address', spelled((code) => `%${code}`)],
    ['in escapes of JSON', spelled((code) => String.raw`\u00${code}`)],
    ['in escapes of JSON in JSON', JSON.stringify(spelled((code) => String.raw`\u00${code}`))],
    ['in escapes of a page', spelled((code) => `&#x${code};`)],
  ])('%s', (_, text) => {
    expect(formsOf(`before ${text} behind`)).toContain(secret)
  })
})

describe('what one round plants', () => {
  const rounds = Array.from({ length: 30 }, (_, round) =>
    plantings({ random: randomFrom(7 + round), round, number: atOnce }),
  )

  it('goes on each road, with a mark of its own', () => {
    for (const planted of rounds) expect(new Set(planted.map(({ carrier }) => carrier)).size).toBeGreaterThanOrEqual(8)
    const all = rounds.flat()
    expect(new Set(all.map(({ carrier }) => carrier)).size).toBe(10)
    expect(new Set(all.map(({ mark }) => mark)).size).toBe(all.length)
    expect(all.length).toBeGreaterThan(30 * atOnce * 0.95)
  })

  it('meets each kind and each disguise', () => {
    const all = rounds.flat()
    expect(new Set(all.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(50)
    expect(new Set(all.map(({ disguise }) => disguise)).size).toBe(12)
  })

  it('counts where both of its ends came to, or what redaction left between them, and else not', () => {
    const [one, other] = rounds[0] ?? []
    if (one === undefined || other === undefined) throw new Error('nothing is planted')
    expect(cameTo(`${one.mark} ${one.text} ${one.end}`, one)).toBe(true)
    expect(cameTo(`${one.mark} failed with [redacted:token]`, one)).toBe(true)
    expect(cameTo(`${one.mark} failed wi… ${other.mark} [redacted:token] ${other.end}`, one)).toBe(false)
    expect(cameTo(`nothing of it`, one)).toBe(false)
  })
})
