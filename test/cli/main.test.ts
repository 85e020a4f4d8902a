import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'

const clone = join(import.meta.dirname, '..', '..')
const main = join(clone, 'cli', 'main.ts')
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'commands-'))
  mkdirSync(join(folder, 'commands'))
  symlinkSync(join(clone, 'node_modules'), join(folder, 'node_modules'))
  const failure = JSON.stringify(join(clone, 'domain', 'failure.ts'))
  write('list', `build: (c) => c.option('-o, --output <format>').action(() => { console.log('listed') })`)
  write(
    'stuck',
    `build: (c) => c.option('-o, --output <format>').action(() => {
    throw new Failure({ code: 'conflict.expired', message: 'The decision came too late.', hint: 'Look again.', cause: new Error('20 s over') })
  })`,
    `import { Failure } from ${failure}`,
  )
  write('broken', `build: (c) => c.action(() => { throw new TypeError('x is not a function') })`)
  write(
    'group',
    `build: (c) => c.command('start').argument('[names...]').action((names, options) => { console.log(JSON.stringify({ names })) })`,
  )
  write('coded', `build: (c) => c.action(() => { process.exitCode = 8 })`)
  writeFileSync(join(folder, 'commands', 'format-help.ts'), 'export const notACommand = 1\n')
})
afterAll(() => rmSync(folder, { recursive: true }))

function write(name: string, build: string, head = ''): void {
  const text = `${head}\nexport default { summary: 'does ${name}', ${build} }\n`
  writeFileSync(join(folder, 'commands', `${name}.ts`), text)
}

type Ran = { readonly stdout: string; readonly stderr: string; readonly exitCode: number | undefined }

/** Runs the command line over the commands of our temporary folder. */
async function millwright(...args: readonly string[]): Promise<Ran> {
  const script = `const { main } = await import(${JSON.stringify(main)})
    process.exitCode = await main(process.argv.slice(1), ${JSON.stringify(join(folder, 'commands'))})`
  const command = ['--input-type=module', '-e', script, '--', ...args]
  const { stdout, stderr, exitCode } = await execa(process.execPath, command, { reject: false })
  return { stdout, stderr, exitCode }
}

test('a command is found by the name of its file', async () => {
  expect(await millwright('list')).toMatchObject({ stdout: 'listed', stderr: '', exitCode: 0 })
})

test('help lists the commands and not the other files', async () => {
  const { stdout, exitCode } = await millwright('--help')
  expect(stdout).toMatch(/list .*does list/)
  expect(stdout).not.toContain('format-help')
  expect(exitCode).toBe(0)
})

test('an unknown command is a usage error that names the nearest one', async () => {
  const { stderr, stdout, exitCode } = await millwright('lsit')
  expect(stderr).toContain('There is no command "lsit". [input.usage]\n  Did you mean `millwright list`?')
  expect(stdout).toBe('')
  expect(exitCode).toBe(2)
})

test('a word that is near to none is sent to the help', async () => {
  const { stderr } = await millwright('xylophone')
  expect(stderr).toContain('Type `millwright --help` for the list.')
})

test('a failure says message, cause, hint and code and ends with the exit code of its code', async () => {
  const { stderr, stdout, exitCode } = await millwright('stuck')
  expect(stderr).toBe('millwright: The decision came too late. [conflict.expired]\n  because: 20 s over\n  Look again.')
  expect(stdout).toBe('')
  expect(exitCode).toBe(6)
})

test('with -o json a failure is the only thing on stdout', async () => {
  const { stdout, exitCode } = await millwright('stuck', '-o', 'json')
  const error = { code: 'conflict.expired', message: 'The decision came too late.', hint: 'Look again.' }
  expect(JSON.parse(stdout)).toEqual({ error })
  expect(exitCode).toBe(6)
})

test('with -o json a wrong option is reported in the same shape', async () => {
  const { stdout, exitCode } = await millwright('list', '--colour', '-o', 'json')
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'input.usage' } })
  expect(exitCode).toBe(2)
})

test('a defect is called one and says where it happened', async () => {
  const { stderr, exitCode } = await millwright('broken')
  expect(stderr).toMatch(/x is not a function \[bug\]\n {2}This is a defect of Millwright/)
  expect(exitCode).toBe(1)
})

test('every command takes --yes, verbs of a group too', async () => {
  expect(await millwright('list', '--yes')).toMatchObject({ stdout: 'listed', exitCode: 0 })
  expect(await millwright('group', 'start', '--yes')).toMatchObject({ stdout: '{"names":[]}', exitCode: 0 })
})

test('what stands behind -- belongs to the command', async () => {
  expect(await millwright('group', 'start', '--', '--yes', '-o', 'json')).toMatchObject({
    stdout: '{"names":["--yes","-o","json"]}',
  })
})

test('a command may choose its exit code', async () => {
  expect(await millwright('coded')).toMatchObject({ exitCode: 8 })
})

test('a mistyped verb is answered with the nearest', async () => {
  const { stderr, exitCode } = await millwright('group', 'strat')
  expect(stderr).toMatch(/unknown command 'strat'[^]*start/)
  expect(exitCode).toBe(2)
})

test('an error that repeats text of strangers speaks to nobody’s terminal', async () => {
  const file = join(folder, 'odd.yaml')
  writeFileSync(file, String.raw`{ "a\e]0;title\a\x9b31m\u202e": 1 }`)
  const refused = await execa(process.execPath, [main, 'config', 'validate', file, '-o', 'json'], { reject: false })
  expect(refused.stderr).toContain('Unrecognized key')
  for (const text of [refused.stdout, refused.stderr]) expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
})
