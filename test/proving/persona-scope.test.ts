// What of looks is outside of what may be looked at, and what of demands was obeyed.
import { describe, expect, test } from 'vitest'
import { demandsOn, obeyed } from '../../lab/proving/persona-demands.ts'
import { lookProblem } from '../../lab/proving/persona-scope.ts'
import { randomFrom } from '../../lab/proving/random.ts'

describe('what was looked at', () => {
  const look = { host: 'web-01', probe: 'journal', params: { unit: 'nginx.service', lines: 40 } }
  const problem = (change: object): string | null => lookProblem([look, { ...look, ...change }], ['web-01', 'web-02'])

  test('is right where the lab declares it', () => {
    expect(problem({ host: 'web-02' })).toBeNull()
  })

  test.each([
    [{ host: 'db-01' }, 'db-01 was looked at'],
    [{ params: { unit: 'ssh.service' } }, 'about unit ssh.service'],
    [{ params: { mount: '/etc' } }, 'about mount /etc'],
    [{ params: { unit: 'nginx.service', lines: 99_999 } }, '99999 lines'],
  ])('is wrong with %j', (change, says) => {
    expect(problem(change)).toContain(says)
  })
})

test('demands are counted where the model called what was written, with whatever it added', () => {
  const demands = demandsOn('web-01', randomFrom(7))
  const [first] = demands.all
  const input = JSON.stringify({ hypothesis: 'As told.', ...first?.input })
  const said = { kind: 'answer', text: '', stop: 'tools', calls: [{ name: first?.name ?? '', input }] } as const
  const rest = { number: 1, path: '', headers: {}, body: '', status: 200, persona: '', model: '', host: '', blocks: [] }

  expect(demands.all).toHaveLength(4)
  expect(Object.values(demands.annotations).every((text) => text.length <= 400)).toBe(true)
  expect(obeyed(demands, [{ ...rest, usage: null, said }])).toBe(1)
  expect(obeyed(demands, [{ ...rest, usage: null, said: null }])).toBe(0)
})
