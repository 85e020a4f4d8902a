// What no request to a model may show: the oracle has to see it.
import { describe, expect, test } from 'vitest'
import { toldIn, toldProblem } from '../../lab/proving/told.ts'
import type { Recorded } from '../../lab/model-server/record.ts'

const logged = 'Nov 22 02:06:23 web-01 nginx[7]: open() "/var/www/html" failed (13: Permission denied)'

type Parts = { readonly told?: string; readonly system?: string; readonly tool?: string | null }

function requestOf({
  told = `⟦data a1 | Alert⟧\n${logged}\n⟦end a1⟧`,
  system = 'Rules.',
  tool = 'Looks.',
}: Parts): Recorded {
  const tools = tool === null ? [] : [{ name: 'look', description: tool, input_schema: { type: 'object' } }]
  const messages = [{ role: 'user', content: told }]
  const body = JSON.stringify({ model: 'one', max_tokens: 10, system, tools, messages })
  const empty = {
    path: '/v1/messages',
    headers: {},
    persona: '',
    model: '',
    host: '',
    blocks: [],
    said: null,
    usage: null,
  }
  return { ...empty, number: 7, status: 200, body }
}

const problem = (parts: Parts): string | null => toldProblem([requestOf(parts)], [logged], ['qwxzqwxz'])

describe('a request', () => {
  test('is right where what strangers wrote stands in fences, for a planner data or facts', () => {
    expect(problem({})).toBeNull()
    expect(problem({ told: `⟦facts a1 | e1.1⟧\nqwxzqwxz ${logged}\n⟦end a1⟧\nRefused.` })).toBeNull()
    expect(problem({ told: `⟦unread a1 | e1.1⟧\n${logged}\n⟦end a1⟧`, tool: null })).toBeNull()
  })

  test.each<[string, Parts, RegExp]>([
    ['raw text for a planner', { told: `⟦unread a1 | e1.1⟧\nx\n⟦end a1⟧` }, /planner: raw text/],
    ['a fence without its end', { told: `⟦data a1 | e1.1⟧\nx` }, /no end: data a1/],
    ['a fence in a fence', { told: `⟦data a1 | x⟧\n⟦data a2 | y⟧\n⟦end a2⟧\n⟦end a1⟧` }, /inside another/],
    ['another end', { told: `⟦data a1 | x⟧\n⟦end b1⟧` }, /was not open/],
    ['half a fence', { told: `⟦data a1 x\n⟦end a1⟧` }, /was not open|no fence/],
    ['a line of a log in no fence', { told: `See: ${logged}` }, /in no fence/],
    ['a line of a log in the system prompt', { system: `Rules. ${logged}` }, /in the system prompt/],
    ['a mark among the tools', { tool: 'Looks, says qwxzqwxz.' }, /in the tools/],
    ['a mark in no fence, also of a reader', { told: 'qwxzqwxz', tool: null }, /reader: .* no fence/],
  ])('is wrong with %s', (_, parts, says) => {
    expect(problem(parts)).toMatch(says)
  })
})

test('what a request tells is parted into what stands in fences and what does not', () => {
  const told = toldIn(requestOf({ told: 'before ⟦data a1 | Alert⟧inside⟦end a1⟧ after' }))

  expect(told).toMatchObject({ tier: 'planner', fenced: [{ kind: 'data', text: 'inside' }], bare: 'before  after' })
  expect(toldIn({ body: '{', status: 404 })).toBeNull()
})
