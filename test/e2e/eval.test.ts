// `millwright eval run` as somebody types it: a real host is broken, a model asked, and what became of it printed.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'

const cli = join(import.meta.dirname, '..', '..', 'cli', 'main.ts')
const patienceMilliseconds = 600_000
const Share = z.object({ k: z.int(), n: z.int() })
const Tier = z.object({ calls: z.int(), tokens: z.int(), dollars: z.number() })
const Board = z.object({
  model: z.string(),
  harness: z.object({ prompt: z.string().length(64) }),
  wrong: z.array(z.unknown()),
  scores: z.array(
    z.object({
      fault: z.string(),
      tries: z.int(),
      wrongActions: Share,
      right: Share,
      asked: z.int(),
      spent: z.object({ planner: Tier, reader: Tier }),
    }),
  ),
})

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eval-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test(
  'eval run tries a fault on a real host, says what it came to, and its transcript is judged again as it was',
  async () => {
    const run = ['run', '--scripted', '--only', 'unknown-fault', '--runs', '1', '--record', folder, '--output', 'json']
    const { stdout } = await execa(process.execPath, [cli, 'eval', ...run])
    const board = Board.parse(JSON.parse(stdout))
    expect(board).toMatchObject({ model: 'scripted', wrong: [] })
    expect(board.scores.map(({ fault }) => fault)).toEqual(['unknown-fault', 'all'])
    const all = board.scores.at(-1)
    expect(all).toMatchObject({ tries: 1, asked: 1, wrongActions: { k: 0, n: 1 }, right: { k: 1, n: 1 } })
    expect(all?.spent.planner.calls).toBeGreaterThan(0)
    expect(all?.spent.planner.dollars).toBeGreaterThan(0)

    const replayed = await execa(process.execPath, [cli, 'eval', 'replay', folder])
    expect(replayed.stdout).toMatch(/^0001-unknown-fault\.json: \d+ answers, judged as they were$/)
  },
  patienceMilliseconds,
)
