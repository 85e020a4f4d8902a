import { expect, test } from 'vitest'
import { judge, type Statistics } from '../../../runtime/ansible/judge.ts'

const counts = { ok: 2, failures: 0, unreachable: 0, changed: 1, skipped: 0, rescued: 0, ignored: 0 }
const of = (host: Partial<typeof counts>, hosts = ['web-01']): Statistics => ({
  hosts: Object.fromEntries(hosts.map((name) => [name, { ...counts, ...host }])),
  tasks: 2,
  failedTask: null,
})
const verdict = (statistics: Statistics | null, more: { tasks?: number; expectChanged?: boolean } = {}) =>
  judge({ approved: ['web-01'], expectChanged: true, statistics, tasks: 2, says: null, ...more })

test('a run on exactly the approved host with nothing failed and something changed has succeeded', () => {
  expect(verdict(of({}))).toEqual({ kind: 'succeeded', changed: 1, tasks: 2 })
})

test.each([
  ['no host at all', verdict(of({}, [])), 'failed'],
  ['nothing done', verdict(of({ ok: 0, changed: 0, skipped: 2 })), 'failed'],
  ['another host', verdict(of({}, ['db-01'])), 'unknown'],
  ['one host more', verdict(of({}, ['web-01', 'db-01'])), 'unknown'],
  ['a failed task', verdict(of({ failures: 1 })), 'failed'],
  ['a rescued task', verdict(of({ rescued: 1 })), 'failed'],
  ['an ignored task', verdict(of({ ignored: 1 })), 'failed'],
  ['a lost connection', verdict(of({ unreachable: 1 })), 'unknown'],
  ['a connection lost after changes', verdict(of({ unreachable: 1, ok: 1 })), 'unknown'],
  ['nothing changed where a change was expected', verdict(of({ changed: 0 })), 'failed'],
  ['nothing changed where that is fine', verdict(of({ changed: 0 }), { expectChanged: false }), 'succeeded'],
  ['no statistics, and no task begun', verdict(null, { tasks: 0 }), 'failed'],
  ['no statistics, and a task begun', verdict(null, { tasks: 1 }), 'unknown'],
])('statistics with %s', (_, outcome, kind) => {
  expect(outcome.kind).toBe(kind)
})
