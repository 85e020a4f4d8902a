// Tests and checks end with their counts: on their own as a plain line, under `.ci/run` in a file that it adds up.
import { appendFileSync } from 'node:fs'

/**
 * Says the counts and returns the exit code that belongs to them. Nothing passed is a failure, too.
 * @param {string} who
 * @param {{ passed: number, failed: number }} counts
 */
export function closeWith(who, { passed, failed }) {
  const file = process.env['MILLWRIGHT_COUNTS']
  if (file) {
    appendFileSync(file, `${passed} ${failed}\n`)
    process.stdout.write(`${who}: ${passed} of ${passed + failed} are fine\n`)
  } else {
    process.stdout.write(`${passed} passed, ${failed} failed\n`)
  }
  return failed === 0 && passed > 0 ? 0 : 1
}
