// Recorded answers are judged again by the gate of today; a transcript may come from anywhere. Where the gate or a
// playbook is meant to judge otherwise, record anew: millwright eval run --scripted --only environment-missing.
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { replay } from '../../lab/eval/replay.ts'
import { readTranscript, type Transcript } from '../../lab/eval/transcript.ts'
import { loadProbes, type Probes } from '../../probes/load.ts'

const cli = join(import.meta.dirname, '..', '..', 'cli', 'main.ts')
const transcripts = join(import.meta.dirname, 'fixtures')
const recorded = join(transcripts, 'environment-missing.json')

let folder = ''
let transcript: Transcript
let probes: Probes
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millwright-transcripts-'))
  transcript = await readTranscript(recorded)
  probes = await loadProbes()
})
afterAll(() => rmSync(folder, { recursive: true }))

test('what a model was told and answered is judged as it was', async () => {
  expect(transcript.turns.length).toBeGreaterThan(0)
  expect(await replay(transcript, probes)).toEqual({ turns: transcript.turns.length, differences: [] })
})

test('evidence that does not stand, and a gate that was another one, are told as differences', async () => {
  const last = transcript.turns.length - 1
  const unseen = transcript.turns.map((turn, at) => (at === last ? { ...turn, evidence: 0 } : turn))
  const { differences } = await replay({ ...transcript, turns: unseen }, probes)

  expect(differences.map(({ what }) => what)).toEqual(expect.arrayContaining(['judged', 'dropped', 'diagnosis']))
})

test('the command replays a folder, and ends with 7 where something is judged otherwise', async () => {
  const other = structuredClone(transcript)
  const turns = other.turns.map((turn) => ({ ...turn, judgement: { ...turn.judgement, judged: { kind: 'again' } } }))
  writeFileSync(join(folder, 'other.json'), JSON.stringify({ ...other, turns }))
  const same = await execa(process.execPath, [cli, 'eval', 'replay', transcripts, '-o', 'json'], { reject: false })
  const differs = await execa(process.execPath, [cli, 'eval', 'replay', folder], { reject: false })
  rmSync(join(folder, 'other.json'))

  expect([same.exitCode, JSON.parse(same.stdout)]).toMatchObject([0, { replayed: [{ differences: [] }] }])
  expect([differs.exitCode, differs.stdout]).toEqual([7, expect.stringContaining('judged otherwise')])
})

describe('what is no transcript is refused', () => {
  test.each<readonly [string, (one: Transcript) => object, string]>([
    ['a field more', (one) => ({ ...one, more: 1 }), 'more'],
    ['another version', (one) => ({ ...one, version: 2 }), 'version'],
    ['a host that is an option', (one) => ({ ...one, hosts: [{ id: 'h', address: '-oProxyCommand=x' }] }), 'hosts.0'],
    ['no host', (one) => ({ ...one, hosts: [] }), 'hosts'],
    ['a word too long', (one) => ({ ...one, fault: 'x'.repeat(201) }), 'fault'],
  ])('%s', async (name, change, says) => {
    const file = join(folder, `${name}.json`)
    writeFileSync(file, JSON.stringify(change(transcript)))

    await expect(readTranscript(file)).rejects.toMatchObject({
      code: 'input.invalid-payload',
      message: expect.stringContaining(says),
    })
  })

  test('a file of more than 4 MiB', async () => {
    const file = join(folder, 'large.json')
    writeFileSync(file, '')
    truncateSync(file, 5 * 1024 * 1024)

    await expect(readTranscript(file)).rejects.toMatchObject({ code: 'input.too-large' })
  })
})

test.each([
  [['replay', '/nonexistent'], 'holds no transcript'],
  [['run'], 'models: { planner:'],
  [['run', '--scripted', '--only', 'none-of-these'], 'The lab knows no fault'],
  [['run', '--scripted', '--runs', '0'], '--runs takes a whole number'],
])('eval %j says what to type before anything is broken', async (args, says) => {
  const { exitCode, stderr } = await execa(process.execPath, [cli, 'eval', ...args], { reject: false })

  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(says)])
})
