// Random letters in the alphabets that formats of secrets are written in.
import type { Random } from '../random.ts'

const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const lower = upper.toLowerCase()
const digits = '0123456789'

export type Letters = {
  readonly hex: (length: number) => string
  /** Small letters and digits. */
  readonly small: (length: number) => string
  /** Capital letters and digits. */
  readonly large: (length: number) => string
  readonly alnum: (length: number) => string
  /** As in addresses; never a sign at either end. */
  readonly url: (length: number) => string
  readonly base64: (length: number) => string
  readonly base32: (length: number) => string
  readonly uuid: () => string
  readonly digits: (length: number) => string
  /** What a person or a generator of passwords makes up. */
  readonly password: () => string
  readonly number: (least: number, most: number) => number
}

export function lettersFrom(random: Random): Letters {
  const from = (alphabet: string, length: number): string =>
    Array.from({ length }, () => alphabet.charAt(Math.floor(random.next() * alphabet.length))).join('')
  const alnum = (length: number): string => from(upper + lower + digits, length)
  const hex = (length: number): string => from('0123456789abcdef', length)
  return {
    hex,
    alnum,
    small: (length) => from(lower + digits, length),
    large: (length) => from(upper + digits, length),
    url: (length) => `${alnum(2)}${from(`${upper}${lower}${digits}_-`, length - 4)}${alnum(2)}`,
    base64: (length) => `${alnum(2)}${from(`${upper}${lower}${digits}+/`, length - 4)}${alnum(2)}`,
    base32: (length) => from(`${upper}234567`, length),
    uuid: () => [8, 4, 4, 4, 12].map(hex).join('-'),
    digits: (length) => from(digits, length),
    // Letters of every class, as rules for passwords want it.
    password: () => `${from(upper, 2)}${from(lower, 5)}${from(digits, 3)}${from('!#%*+-_~', 1)}${alnum(7)}`,
    number: (least, most) => Math.floor(random.between(least, most + 1)),
  }
}
