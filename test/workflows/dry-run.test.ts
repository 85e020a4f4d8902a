// A dry run comes to the same conclusions as an incident, and to nothing that follows from them.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { theatre, type Theatre } from '../support/play.ts'
import { known, type Script, well } from '../support/stand-ins.ts'

let play: Theatre
beforeAll(async () => {
  play = await theatre('plain')
})
afterAll(() => play.end())

async function over(script: Partial<Script>, resumed?: { readonly sequence: number; readonly round: number }) {
  const story = await play.begin(script, resumed === undefined ? {} : { resumed }, 'dry')
  const closed = await story.over()
  return { story, closed, begun: play.stage.begun(story.incident) }
}

/** Whatever asks people, lets something run or tells of it. */
const acting = new Set(['asked', 'decided', 'run-requested', 'run-ended', 'handed-over'])

describe('what would have come next is said, and does not come', () => {
  const none: Partial<Script> = { recognise: () => ({ kind: 'none', not: [] }) }
  test.each<readonly [string, Partial<Script>, object, string]>([
    ['run by itself', { policy: () => 'auto' }, { act: 'alone' }, 'It would have run by itself: service-restart'],
    ['ask', { policy: () => 'ask' }, { act: 'ask' }, 'People would have been asked about: service-restart'],
    [
      'be refused by policy',
      { policy: () => 'forbid' },
      { act: 'hand-over', reason: 'forbidden' },
      'policy says forbid',
    ],
    ['make no plan', { plan: () => 'not now' }, { act: 'hand-over', reason: 'none-applicable' }, 'not now'],
    ['know no fault', none, { act: 'hand-over', reason: 'novel' }, 'handed over'],
    ['see that all is well', { ...none, health: () => well }, { act: 'close' }, 'It would have been closed: '],
    [
      'not know the host',
      { scope: { kind: 'unresolved', says: 'No such host.' } },
      { act: 'hand-over', reason: 'unknown-target' },
      'No such host.',
    ],
  ])('%s', async (_, script, would, says) => {
    const { story, closed, begun } = await over(script)

    expect(closed).toMatchObject({ reason: 'dry-run', person: null, would, says: expect.stringContaining(says) })
    expect(begun).toEqual([])
    expect(story.kinds().filter((kind) => acting.has(kind))).toEqual([])
  })
})

test('a model is asked as ever, and what it proposes is planned and asked about by policy alone', async () => {
  const { story, closed } = await over({
    recognise: () => ({ kind: 'none', not: [] }),
    begin: () => ({ kind: 'begun', investigation: 1, turns: 6, model: 'm', harness: 'h', bytes: 1, unread: false }),
    judge: () => ({ kind: 'remediate', playbook: 'service-restart', params: {}, says: 'It hangs' }),
    policy: () => 'ask',
  })

  expect(closed.would).toEqual({ act: 'ask', reason: null })
  expect(story.kinds()).toEqual(expect.arrayContaining(['investigation-began', 'turn', 'planned', 'policy']))
})

test('one whose workflow was lost begins nothing anew', async () => {
  const { story, closed } = await over({ recognise: () => known('service-restart') }, { sequence: 4, round: 1 })

  expect(closed).toMatchObject({ would: { act: 'hand-over', reason: 'unknown' } })
  expect(story.kinds()).toEqual(['closed'])
})

test('a person can decide nothing about it: there is no plan that waits', async () => {
  const { story } = await over({ policy: () => 'ask' })

  expect(story.kinds().at(-1)).toBe('closed')
  await expect(story.close()).rejects.toThrow()
})

test('none of the files that it is made of leads to a run', () => {
  const root = join(import.meta.dirname, '..', '..', 'workflows')
  const files = reached(join(root, 'dry-run.ts'))
  const names = [...files.keys()].map((file) => file.slice(root.length + 1))

  expect(names).toEqual(expect.arrayContaining(['steps/find-fault.ts', 'steps/plan.ts', 'story.ts']))
  const leading = /remediate|approve|undo|verify|people|incident|host/
  expect(names.filter((name) => leading.test(name))).toEqual([])
  const asks = [...files].filter(([, text]) => /requestRun|openRun|runPlaybook|kind: 'asked'/.test(text))
  // They name every activity and every message; nobody here uses one of these.
  expect(asks.map(([file]) => file.slice(root.length + 1)).toSorted()).toEqual(['activities.ts', 'messages.ts'])
})

/** A file and all within its folder that it imports as values, with their texts. */
function reached(first: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  const open = [first]
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (files.has(file)) continue
    const text = readFileSync(file, 'utf8')
    files.set(file, text)
    const from = dirname(file)
    const imports = [...text.matchAll(/^import (?!type\b).*?from '(\.[^']+)'/gms)].map(([, path = '']) => path)
    open.push(...imports.map((path) => join(from, path)).filter((path) => path.includes('/workflows/')))
  }
  return files
}
