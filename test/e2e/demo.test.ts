// The demo as a newcomer starts it: real machines, real monitoring, real repairs; judged by the lab, not by Millwright.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { beforeAll, expect, test } from 'vitest'
import { labFolder } from '../../lab/paths.ts'
import { DemoOutput } from '../contract/output.ts'

const root = join(import.meta.dirname, '..', '..')
const limitMilliseconds = 280_000

let before: readonly string[] = []
let output: DemoOutput
let stdout = ''

beforeAll(async () => {
  before = traces()
  const result = await execa('npm', ['run', '--silent', 'demo', '--', '--yes', '-o', 'json'], {
    cwd: root,
    reject: false,
    timeout: limitMilliseconds,
    killSignal: 'SIGINT',
  })
  stdout = result.stdout
  expect(result.exitCode, result.stderr).toBe(0)
  output = DemoOutput.parse(JSON.parse(stdout))
}, limitMilliseconds)

test('one JSON object is the only thing on stdout', () => {
  expect(stdout.trim().split('\n').length).toBe(1)
})

test('the crashed service was repaired alone, and the lab agrees', () => {
  const story = storyOf('service-crashed')

  expect(story).toMatchObject({ outcome: 'closed', reason: 'recovered', asExpected: true })
  expect(story.oracle).toEqual({ healthy: true, problems: [], collateral: [] })
  const { firstProbe, plan, runStart, serviceUp, recovered, verified } = story.secondsFromWebhook
  const moments = [firstProbe, plan, runStart, serviceUp, recovered, verified]
  expect(moments).not.toContain(null)
  expect(moments).toEqual(moments.toSorted((a, b) => (a ?? 0) - (b ?? 0)))
})

test('the full disk was repaired only after a person had approved, and the lab agrees', () => {
  const story = storyOf('disk-filled-by-logs')

  expect(story).toMatchObject({ outcome: 'closed', reason: 'recovered', allowedBy: 'admin', asExpected: true })
  expect(story.oracle).toEqual({ healthy: true, problems: [], collateral: [] })
})

test('the fault that nobody knows was handed over, and nothing was touched', () => {
  const story = storyOf('unknown-fault')

  expect(story).toMatchObject({ outcome: 'handed-over', allowedBy: null, asExpected: true })
  expect(story.oracle.collateral).toEqual([])
  expect(story.secondsFromWebhook.runStart).toBeNull()
})

test('nothing is left behind', () => {
  expect(traces()).toEqual(before)
})

function storyOf(name: string): DemoOutput['stories'][number] {
  const found = output.stories.find((story) => story.name === name)
  if (found === undefined) throw new Error(`the demo told no story ${name}`)
  return found
}

/** Folders, network namespaces and processes that a demo makes. */
function traces(): readonly string[] {
  const folders = readdirSync('/tmp').filter((name) => name.startsWith('millwright-lab-'))
  const labs = listed(join(labFolder('x'), '..'))
  const namespaces = listed('/run/netns')
  return [...folders, ...labs, ...namespaces].toSorted()
}

function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
