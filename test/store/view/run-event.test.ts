import { expect, test } from 'vitest'
import type { Json } from '../../../domain/canonical-json.ts'
import { sayRunEvent } from '../../../store/view/run-event.ts'

const lines: readonly (readonly [Json, string, string])[] = [
  [{ kind: 'ready' }, 'Ansible is ready', 'plain'],
  [{ kind: 'task', task: 'Restart the unit' }, 'Restart the unit: begins', 'plain'],
  [{ kind: 'ok', task: 'Restart the unit', changed: true }, 'Restart the unit: changed', 'acting'],
  [{ kind: 'ok', task: 'Restart the unit', changed: false }, 'Restart the unit: already right', 'plain'],
  [{ kind: 'failed', task: 'Copy', says: 'no space', changed: false }, 'Copy: failed: no space', 'bad'],
  [{ kind: 'checked', says: '1 of 1 tasks.' }, 'checked first: 1 of 1 tasks.', 'plain'],
  [{ kind: 'stats', tasks: 2, failedTask: null }, 'Ended after 2 tasks', 'plain'],
  [{ kind: 'stats', tasks: 2, failedTask: 'Copy' }, 'Ended in “Copy”', 'bad'],
  ['something else', 'something else', 'plain'],
  [['a', 1], '["a",1]', 'plain'],
  [null, 'null', 'plain'],
]

test.each(lines)('%j is one line', (event, says, tone) => {
  expect(sayRunEvent(event)).toEqual({ says, tone })
})
