// What every command has in common: forms of output, completion, and how moments are written.
import { createServer } from 'node:http'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Command } from 'commander'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { main } from '../../cli/main.ts'
import { momentIn } from '../../cli/moment.ts'

const commands = join(import.meta.dirname, '..', '..', 'cli')
const program = join(commands, 'main.ts')
const Cli = z.looseObject({ default: z.looseObject({ build: z.custom<(command: Command) => void>() }) })

/** Every command that does something, by its words. */
async function leaves(): Promise<readonly { readonly words: readonly string[]; readonly command: Command }[]> {
  const files = readdirSync(commands).filter((file) => file.endsWith('.ts') && file !== 'main.ts')
  const all = files.map(async (file) => {
    const module = Cli.safeParse(await import(pathToFileURL(join(commands, file)).href))
    if (!module.success) return []
    const command = new Command(file.replace('.ts', ''))
    module.data.default.build(command)
    const verbs = command.commands.map((verb) => ({ words: [command.name(), verb.name()], command: verb }))
    return verbs.length === 0 ? [{ words: [command.name()], command }] : verbs
  })
  return (await Promise.all(all)).flat()
}
const every = await leaves()
const printing = every.filter(({ command }) => command.options.some(({ long }) => long === '--output'))

test('every command prints in the form that is asked for, but those that stay or only keep a token', () => {
  const without = every.filter((one) => !printing.includes(one)).map(({ words }) => words.join(' '))
  expect(without.toSorted()).toEqual(['lab', 'login', 'logout', 'up'])
})

test.each(printing.map(({ words }) => [words.join(' '), words]))(
  '%s refuses a form that it does not have, before anything else',
  async (_, words) => {
    expect(await main([...words, '-o', 'xml'])).toBe(2)
  },
)

test('what a close lacks is said with an example of it', async () => {
  const { stderr, exitCode } = await execa(process.execPath, [program, 'incident', 'close', '4'], { reject: false })
  expect(exitCode).toBe(2)
  expect(stderr).toContain("npx millwright incident close 4 --says 'the disk was replaced'")
})

test('-o jsonl is one line a thing, -o none is nothing', async () => {
  const run = (...args: readonly string[]) => execa(process.execPath, [program, ...args], { reject: false })
  expect((await run('version', '-o', 'none')).stdout).toBe('')
  expect(JSON.parse((await run('version', '-o', 'jsonl')).stdout)).toMatchObject({ node: process.versions.node })
  const lines = (await run('doctor', '-o', 'jsonl')).stdout.split('\n')
  expect(lines.map((line) => JSON.parse(line))).toContainEqual(expect.objectContaining({ name: 'python3' }))
})

describe('moments', () => {
  const now = new Date('2026-11-21T10:00:00Z')
  test.each([
    ['utc', '2026-11-21T09:58:20.123Z', '2026-11-21T09:58:20Z'],
    ['relative', '2026-11-21T09:58:20Z', '1 min ago'],
    ['relative', '2026-11-21T12:00:00Z', 'in 2 h'],
  ] as const)('%s', (form, iso, said) => {
    expect(momentIn(form, now)(iso)).toBe(said)
  })

  test('absolute is this machine’s own time, with its distance from UTC', async () => {
    const script = `import { momentIn } from ${JSON.stringify(join(commands, 'moment.ts'))}
      console.log(momentIn('absolute')('2026-01-31T23:45:00Z'))`
    const args = ['--input-type=module', '-e', script]
    const at = async (TZ: string) => (await execa(process.execPath, args, { env: { TZ } })).stdout
    expect(await at('Asia/Kathmandu')).toBe('2026-02-01 05:30:00 +05:45')
    expect(await at('America/St_Johns')).toBe('2026-01-31 20:15:00 -03:30')
  })
})

describe('waiting for an incident', () => {
  let folder = ''
  let incident: object = {}
  const server = createServer((_, response) => {
    const answer = JSON.stringify({ title: 'nginx failed', badge: { word: 'Looking' }, ...incident })
    response.setHeader('content-type', 'application/json').end(answer)
  })
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'waiting-'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0
    writeFileSync(join(folder, 'cli.token'), JSON.stringify({ url: `http://127.0.0.1:${port}`, token: 'x' }))
  })
  afterAll(async () => {
    process.exitCode = 0
    server.close()
    rmSync(folder, { recursive: true })
  })

  test.each([
    [0, { state: 'closed', reason: null }],
    [7, { state: 'handed-over', reason: 'failed' }],
    [7, { state: 'handed-over', reason: 'unknown' }],
    [5, { state: 'handed-over', reason: 'rejected' }],
    [6, { state: 'handed-over', reason: 'expired' }],
    [1, { state: 'handed-over', reason: 'novel' }],
    [8, { state: 'remediating', reason: null }],
  ])('ends with %i when it is %j', async (code, is) => {
    incident = is
    expect(await main(['incident', 'wait', '5', '--timeout', '0', '--data', folder, '-o', 'none'])).toBe(code)
  })
})

describe('completion', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'completion-'))
    const start = `#!/bin/sh\nexec ${process.execPath} ${program} "$@"\n`
    writeFileSync(join(folder, 'millwright'), start, { mode: 0o755 })
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  /** What bash offers for the last word of each line. */
  async function offered(...lines: readonly (readonly string[])[]): Promise<readonly string[]> {
    const asked = lines.map((words) => {
      const quoted = words.map((word) => `'${word}'`).join(' ')
      return `COMP_WORDS=(millwright ${quoted}); COMP_CWORD=${words.length}; _millwright; echo "\${COMPREPLY[@]}"`
    })
    const script = ['source <(millwright completion bash)', ...asked].join('\n')
    const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}`, HOME: folder }
    const { stdout } = await execa('bash', ['-c', script], { env })
    return stdout.split('\n')
  }

  test('bash offers commands, verbs, options and their values', async () => {
    const lines = [['ta'], ['incident', 'list', '--ti'], ['status', '-o', 'j']] as const
    expect(await offered(...lines)).toEqual(['take-over', '--time', 'json jsonl'])
    // Four starts of the command line, which a busy machine draws out.
  }, 120_000)

  test('what stands on the line is never carried out', async () => {
    expect(await offered(['stop', `$(touch ${folder}/struck)`])).toEqual([''])
    expect(readdirSync(folder)).not.toContain('struck')
  })

  test('another shell is a usage error', async () => {
    expect(await main(['completion', 'tcsh'])).toBe(2)
  })
})
