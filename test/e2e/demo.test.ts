// The demo as a newcomer starts it: real machines, real monitoring, real repairs; judged by the lab, not by Millwright.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { beforeAll, expect, test } from 'vitest'
import { labFolder } from '../../lab/paths.ts'
import { DemoOutput } from '../contract/output.ts'

const root = join(import.meta.dirname, '..', '..')
const limitMilliseconds = 600_000

/** Where it kept its things, and what its lab was called, from what it told. */
let folder = ''
let lab = ''
let output: DemoOutput
let stdout = ''

beforeAll(async () => {
  const result = await execa('npm', ['run', 'demo', '--', '--yes', '-o', 'json'], {
    cwd: root,
    reject: false,
    timeout: limitMilliseconds,
    killSignal: 'SIGINT',
  })
  stdout = result.stdout
  folder = /\/tmp\/millwright-lab-[\w-]+/.exec(result.stderr)?.[0] ?? ''
  lab = /\/labs\/(lab-\w+)\//.exec(result.stderr)?.[1] ?? ''
  expect(result.exitCode, result.stderr).toBe(0)
  expect([folder, lab]).not.toContain('')
  output = DemoOutput.parse(JSON.parse(stdout))
}, limitMilliseconds + 60_000)

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

test('what no signature knows was diagnosed, asked about, and repaired after the yes', () => {
  const story = storyOf('environment-missing')

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
  expect(existsSync(folder)).toBe(false)
  expect(existsSync(labFolder(lab))).toBe(false)
  expect(processesOf(folder, lab)).toEqual([])
})

function storyOf(name: string): DemoOutput['stories'][number] {
  const found = output.stories.find((story) => story.name === name)
  if (found === undefined) throw new Error(`the demo told no story ${name}`)
  return found
}

/** Whatever runs with one of these places in its command line. */
function processesOf(...places: readonly string[]): readonly string[] {
  return readdirSync('/proc').filter(
    (pid) => /^\d+$/.test(pid) && places.some((place) => commandOf(pid).includes(place)),
  )
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}
