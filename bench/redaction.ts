// What taking secrets out costs: an answer of the greatest length, of ordinary log lines, and the same in base64, which
// is decoded and looked through once more.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '../runtime/digest.ts'
import { normaliseText, redactText } from '../runtime/redaction.ts'
import { alternately, median, note, print } from './measuring/result.ts'

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 30)
/** The longest answer of a probe, bytes. */
const longest = 64 * 1_024
const file = join(import.meta.dirname, '..', 'test', 'runtime', 'fixtures', 'benign-log-lines.txt')

const lines = readFileSync(file, 'utf8')
const ordinary = lines.repeat(Math.ceil(longest / lines.length)).slice(0, longest)
const texts = [
  ['redaction of 64 KiB of log lines', ordinary],
  ['redaction of 64 KiB of base64', Buffer.from(ordinary).toString('base64').slice(0, longest)],
] as const

for (const [name, text] of texts) {
  const { ours, control } = await alternately(
    rounds,
    () => Promise.resolve(void redactText(text)),
    () => Promise.resolve(void sha256(normaliseText(text))),
  )
  const perMiB = (milliseconds: number): number => (milliseconds * 1_048_576) / text.length
  note(`${name}: ${perMiB(median(ours)).toFixed(0)} ms for a MiB`)
  const against = 'the same text normalised and hashed, with nothing looked for'
  print({ name, value: median(ours), unit: 'ms', control: median(control), against })
}
