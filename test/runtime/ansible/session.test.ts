// The host's side of a run, as it is sent there, on a folder of this machine: what it keeps, and what it is told.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { hostProgram } from '../../../runtime/ansible/frame.ts'

const program = ['-I', '-c', hostProgram().toString()]
const keptRecords = 500
const now = Date.now() / 1_000
const old = now - 31 * 24 * 3600

let state = ''
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'millwright-state-'))
  mkdirSync(join(state, 'runs'))
  onTestFinished(() => rmSync(state, { recursive: true, force: true }))
})

/** One run's session, told these lines after its request; what it said. */
async function session(fence: number, ...lines: readonly string[]): Promise<readonly unknown[]> {
  return sessionOf(program, fence, ...lines)
}

async function sessionOf(arguments_: readonly string[], fence: number, ...lines: readonly string[]) {
  const request = { run: `run_9${fence}`, plan: 'p', fence, seconds: 60, state, account: 'nobody' }
  const input = [JSON.stringify(request), ...lines, '{"op":"end"}', ''].join('\n')
  const { stdout } = await execa('python3', arguments_, { input })
  return stdout.split('\n').map((line): unknown => JSON.parse(line))
}

/** A record of an earlier run, last touched at this time. */
function record(name: string, at: number): void {
  const folder = join(state, 'runs', name)
  mkdirSync(folder)
  writeFileSync(join(folder, 'begun.json'), '{}')
  utimesSync(folder, at, at)
}

const named = (at: number): string => `run_${String(at).padStart(4, '0')}`

test('of records that are a month old only the newest five hundred are kept; a younger one stays whatever its place', async () => {
  for (let at = 0; at < 8; at += 1) record(named(at), at === 1 ? now : old)
  for (let at = 8; at < keptRecords + 3; at += 1) mkdirSync(join(state, 'runs', named(at)))
  mkdirSync(join(state, 'elsewhere'))
  writeFileSync(join(state, 'elsewhere', 'file'), 'stays')
  symlinkSync(join(state, 'elsewhere'), join(state, 'runs', 'run_0000a'))

  expect(await session(1)).toMatchObject([{ said: 'begun' }, { said: 'ended' }])

  const kept = readdirSync(join(state, 'runs')).toSorted()
  expect(kept.slice(0, 4)).toEqual(['run_0000a', named(1), named(4), named(5)])
  expect(kept.at(-1)).toBe('run_91')
  expect(readFileSync(join(state, 'elsewhere', 'file'), 'utf8')).toBe('stays')
  // Five hundred folders, on a busy disk.
}, 120_000)

test('what an earlier run left of Ansible’s own files goes when the next begins, and nothing that a link leads to', async () => {
  mkdirSync(join(state, 'elsewhere'))
  writeFileSync(join(state, 'elsewhere', 'file'), 'stays')
  const act = join(state, 'act')
  mkdirSync(join(act, 'ansible-tmp-1-2-3', 'deep'), { recursive: true })
  writeFileSync(join(act, 'ansible-tmp-1-2-3', 'deep', 'file'), 'x')
  symlinkSync(join(state, 'elsewhere'), join(act, 'ansible-tmp-1-2-3', 'link'))
  symlinkSync(join(state, 'elsewhere'), join(act, 'ansible-moduletmp-4'))
  writeFileSync(join(act, '.profile'), 'stays')

  expect(await session(1)).toMatchObject([{ said: 'begun' }, { said: 'ended' }])

  expect(readdirSync(act)).toEqual(['.profile'])
  expect(readFileSync(join(state, 'elsewhere', 'file'), 'utf8')).toBe('stays')
})

const result = (length: number): string => {
  const whole = (failedTask: string) => JSON.stringify({ op: 'result', result: { failedTask } })
  return whole('x'.repeat(length - whole('').length))
}

test.each([
  ['of 64 KiB is written down', result(64 * 1024), true],
  ['of a byte more is not, and the run goes on', result(64 * 1024 + 1), false],
  ['of many times that is not, and the run goes on', result(1024 * 1024), false],
  ['that is no JSON is not, and the run goes on', '{"op":"result"', false],
  ['that is no request is not, and the run goes on', '["result"]', false],
])('a result %s', async (_, line, written) => {
  const said = await session(1, line)
  expect(said.slice(0, -1)).toEqual([{ said: 'begun' }, ...(written ? [{ said: 'recorded' }] : [])])
  expect(said.at(-1)).toEqual({ said: 'ended', how: 'ended', killed: 0, left: 0 })
  expect(readdirSync(join(state, 'runs', 'run_91')).includes('result.json')).toBe(written)
})

test('a record for which there is no room is none: what fits of it never takes its place', async () => {
  const small = 'import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))'
  const said = await sessionOf(['-I', '-c', `${small}\n${hostProgram().toString()}`], 1, result(3_000), result(500))
  expect(said).toEqual([{ said: 'begun' }, { said: 'recorded' }, { said: 'ended', how: 'ended', killed: 0, left: 0 }])
  const kept = readFileSync(join(state, 'runs', 'run_91', 'result.json'), 'utf8')
  expect(JSON.parse(kept)).toMatchObject({ failedTask: expect.stringMatching(/^x{400,}$/) })
  expect(kept.length).toBeLessThan(1_000)
})

test('a host whose disk takes no more ends the run all the same', async () => {
  const request = { run: 'run_91', plan: 'p', fence: 1, seconds: 60, state, account: 'nobody' }
  const child = execa('python3', program, { stdin: 'pipe' })
  const said = child.iterable()
  child.stdin.write(`${JSON.stringify(request)}\n`)
  expect((await said.next()).value).toBe('{"said": "begun"}')
  for (const name of ['result', 'ended']) mkdirSync(join(state, 'runs', 'run_91', `${name}.json.new`))
  child.stdin.write(`${result(100)}\n{"op":"end"}\n`)
  expect((await said.next()).value).toContain('"ended"')
  // Its input stays open until it has gone.
  expect(await child).toMatchObject({ exitCode: 0, stderr: '' })
})
