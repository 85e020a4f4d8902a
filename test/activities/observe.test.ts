import { expect, test } from 'vitest'
import { observe } from '../../activities/observe.ts'
import type { InventoryHost } from '../../domain/inventory.ts'
import type { Predicate } from '../../domain/predicate.ts'
import type { RuleAnswer } from '../../domain/run.ts'

const host: InventoryHost = {
  id: 'web-01',
  name: 'web-01',
  address: '192.0.2.1',
  port: 22,
  hostKeys: [],
  team: 'default',
  environment: 'lab',
  role: 'web',
  zone: 'default',
  units: [],
  endpoints: [],
  mounts: [],
  dependsOn: [],
}

function active(unit: string): Predicate {
  const test = { op: 'is', value: 'active' } as const
  return { probe: 'unit-status', params: { unit }, fact: 'activeState', test, says: `${unit} is active` }
}

const clear: RuleAnswer = { state: 'clear', windowSeconds: 0 }

type Looked = {
  readonly complete?: boolean
  readonly rule?: RuleAnswer
  readonly since?: Date
  readonly failedBefore?: 'unknown' | null
}

const look = (
  units: readonly string[],
  failed: readonly string[],
  { complete = true, rule = clear, since = new Date(0), failedBefore = null }: Looked = {},
) =>
  observe(
    {
      host,
      predicates: units.map((unit) => active(unit)),
      failedBefore,
      complete,
      since,
      askRules: async () => rule,
      askHost: async (_host, requests) =>
        requests.map((request) => ({
          id: String(request.params['unit']),
          request,
          outcome: {
            status: 'ok',
            facts: { activeState: failed.includes(String(request.params['unit'])) ? 'failed' : 'active' },
            excerpt: '',
            truncated: false,
          },
          takenAt: '2026-01-01T00:00:00Z',
          hostClock: null,
          hostDigest: null,
        })),
    },
    new AbortController().signal,
  )

test('a check counts however many stand before it, and is shown first when it fails', async () => {
  const units = Array.from({ length: 40 }, (_, at) => `unit-${at}.service`)

  const seen = await look(units, ['unit-39.service'])

  expect(seen.health).toEqual({ kind: 'wrong', because: 'check-fails' })
  expect(seen.checks[0]).toMatchObject({ says: 'unit-39.service is active', answer: 'fails' })
})

test('no check at all proves nothing', async () => {
  expect((await look([], [])).health).toEqual({ kind: 'cannot-tell', because: 'nothing-checked' })
})

test('where not everything was looked at, nothing is proved', async () => {
  const seen = await look(['one.service'], [], { complete: false })

  expect(seen.health).toEqual({ kind: 'cannot-tell', because: 'check-unknown' })
  expect(seen.checks[0]).toMatchObject({ answer: 'unknown', says: 'everything that the alerts name was looked at' })
})

test('a rule that fires because it still looks back to before the change is no failure, and no proof either', async () => {
  const firing = { state: 'firing', windowSeconds: 300 } as const

  const { health } = await look(['one.service'], [], { rule: firing, since: new Date() })

  expect(health).toEqual({ kind: 'lagging' })
})

test('a rule that fires after its window has passed is a failure', async () => {
  const firing = { state: 'firing', windowSeconds: 300 } as const

  expect((await look(['one.service'], [], { rule: firing })).health).toEqual({
    kind: 'wrong',
    because: 'only-rule-fires',
  })
})

test('a rule that looks back further than it is waited for is no failure: it can not be told', async () => {
  const rule = { state: 'firing', windowSeconds: 6 * 3_600 } as const
  const since = new Date(Date.now() - 2 * 3_600_000)

  const [held, failed] = [await look(['one'], [], { rule, since }), await look(['one'], ['one'], { rule, since })]

  expect(held.health).toEqual({ kind: 'cannot-tell', because: 'rule-looks-back' })
  expect(failed.health).toEqual({ kind: 'wrong', because: 'check-fails' })
})

test('where it was not seen what had failed before, what holds can not be told, and what fails is a failure', async () => {
  const failedBefore = 'unknown'
  const [held, failed] = [await look(['one'], [], { failedBefore }), await look(['one'], ['one'], { failedBefore })]

  expect(held.health).toEqual({ kind: 'cannot-tell', because: 'before-unknown' })
  expect(failed.health).toEqual({ kind: 'wrong', because: 'check-fails' })
})
