import { expect, test } from 'vitest'
import { createLogger } from '../../runtime/logger.ts'
import { redactText } from '../../runtime/redaction.ts'

function logged(redact: (text: string) => string, style: 'json' | 'lines') {
  const lines: string[] = []
  const log = createLogger({ name: 'up', redact, stream: { write: (line) => lines.push(line) }, style })
  return { log, lines }
}

test('a message that ends where a secret would begin is a line like any other', () => {
  const people = logged(redactText, 'lines')
  people.log.error({ error: new Error('login failed: token=') }, 'It said password=')
  expect(people.lines).toEqual(['error: It said password= login failed: token=\n'])
  const machines = logged(redactText, 'json')
  machines.log.error('It said password=')
  expect(machines.lines.map((line) => JSON.parse(line))).toMatchObject([{ msg: 'It said password=', name: 'up' }])
})

test('whoever logs does not fail because a line is no JSON any more', () => {
  const { log, lines } = logged(() => 'no JSON\n', 'lines')
  log.error('something')
  expect(lines).toEqual(['no JSON\n'])
})
