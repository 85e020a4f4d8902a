import { expect, test } from 'vitest'
import { loginLines } from '../../cli/up.ts'
import { dataFolder } from '../../runtime/data-folder.ts'

const up = { url: 'http://127.0.0.1:8321', loginCode: 'one-two-three', folder: dataFolder('/srv/own') }

test('on a terminal `up` shows the code; in a log it says how to get one, and keeps none', () => {
  expect(loginLines(up, true).join('\n')).toContain('one-two-three')
  expect(loginLines(up, false)).toEqual([
    'A code to log in at http://127.0.0.1:8321: npx millwright person invite NAME --role admin --data /srv/own',
  ])
})
