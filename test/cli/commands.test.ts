// The commands against a running Millwright: real database, real Temporal, real gateway and workers, and a host that is
// not there.
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { readConfig } from '../../runtime/config.ts'
import { createLogger } from '../../runtime/logger.ts'
import { redactText } from '../../runtime/redaction.ts'
import { startSupervisor, type Supervisor } from '../../runtime/supervisor.ts'
import { config, firing, inventory, postTo, until } from './commands-config.ts'
import { describeDryRun } from './dry-run-cases.ts'

const main = join(import.meta.dirname, '..', '..', 'cli', 'main.ts')
const startMilliseconds = 300_000

let folder = ''
let supervisor: Supervisor

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millwright-cli-'))
  chmodSync(folder, 0o711)
  await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'read_key')])
  writeFileSync(join(folder, 'token'), 'the-token\n', { mode: 0o600 })
  // JSON is YAML.
  writeFileSync(join(folder, 'inventory.yaml'), JSON.stringify(inventory))
  writeFileSync(join(folder, 'millwright.yaml'), JSON.stringify(config).replaceAll('/FOLDER', folder))
  const log = createLogger({ name: 'up', redact: redactText, stream: process.stderr, style: 'lines' })
  log.level = 'warn'
  supervisor = await startSupervisor({
    dataDir: join(folder, 'data'),
    config: readConfig(join(folder, 'millwright.yaml')),
    log,
    restored: true,
  })
}, startMilliseconds)

afterAll(async () => {
  await supervisor.stop()
  rmSync(folder, { recursive: true, force: true })
}, startMilliseconds)

test('a stop is seen in the status until it is resumed; over a database from a backup there is one from the start', async () => {
  const restored = await millwright('status', '-o', 'json')
  await millwright('resume', '--says', 'looked through')
  await millwright('stop', '--says', 'a test')
  const stopped = await millwright('status', '-o', 'json')
  await millwright('resume', '--says', 'the test is over')
  const resumed = await millwright('status', '-o', 'json')

  const because = expect.stringContaining('restored from a backup')
  expect(JSON.parse(restored.stdout)).toMatchObject({ stopped: { by: 'admin', says: because } })
  expect(JSON.parse(stopped.stdout)).toMatchObject({ stopped: { by: 'admin', says: 'a test' } })
  expect(JSON.parse(resumed.stdout)).toMatchObject({ stopped: null })
})

describe('status', () => {
  test('is one JSON object on stdout with -o json', async () => {
    const { stdout, stderr, exitCode } = await millwright('status', '-o', 'json')

    expect(exitCode).toBe(0)
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toMatchObject({ url: supervisor.url, stopped: null, sources: 4, hosts: 1 })
  })

  test('without a running Millwright says what to type, and ends with 1', async () => {
    const { stderr, exitCode } = await execa(process.execPath, [main, 'status', '--data', '/nonexistent'], {
      reject: false,
    })

    expect(exitCode).toBe(1)
    expect(stderr).toContain('npx millwright up')
  })
})

describe('an alert for a host that does not answer', () => {
  let number = ''

  beforeAll(async () => {
    const response = await post('the-token', firing('gone-01'))
    expect(response.status).toBe(202)
    number = String(await handedOver())
  }, startMilliseconds)

  test('is listed and told', async () => {
    const list = await millwright('incident', 'list')
    const show = await millwright('incident', 'show', `INC-${number}`)

    expect(list.stdout).toContain(`INC-${number}`)
    expect(show.stdout).toMatch(/Handed over/)
    for (const part of ['Type next', 'Known', 'Tried', 'Ruled out', 'Not seen, and why'])
      expect(show.stdout).toContain(`\n${part}\n`)
    expect(show.stdout).toContain(`npx millwright incident close ${number}`)
  })

  test('is waited for until a person has it, which ends with 1', async () => {
    const { stdout, exitCode } = await millwright('incident', 'wait', number, '-o', 'json')

    expect(exitCode).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ state: 'handed-over', reason: 'unreachable' })
  })

  test('is one line with -o jsonl, and its moment is in the form that is asked for', async () => {
    const lines = await millwright('incident', 'list', '-o', 'jsonl')
    const relative = await millwright('incident', 'list', '--time', 'relative')

    expect(JSON.parse(lines.stdout)).toMatchObject({ number: Number(number) })
    expect(relative.stdout).toMatch(/ ago /)
  })

  test('is completed by its number', async () => {
    const args = [main, 'complete', '--', 'incident', 'show', '--data', supervisor.folder.root, '']
    const { stdout } = await execa(process.execPath, args)

    expect(stdout).toContain(`INC-${number}\tHostDown`)
  })

  test('is exported as Markdown for whoever takes it', async () => {
    const { stdout, exitCode } = await millwright('incident', 'export', number)

    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^# /)
    expect(stdout).toContain(`INC-${number}`)
  })

  test.each(['approve', 'reject', 'take-over'])(
    'has nothing to %s, which is said with exit code 2',
    async (verdict) => {
      const { stderr, exitCode } = await millwright(verdict, number, '--plan', 'abcdef12')

      expect(exitCode).toBe(2)
      expect(stderr).toContain(`No plan of INC-${number} waits`)
    },
  )

  test('has no plan to ask more about, and no reminder to put off where no notifier is configured', async () => {
    const more = await millwright('ask-more', number)
    const later = await millwright('snooze', number)

    expect([more.exitCode, later.exitCode]).toEqual([2, 2])
    expect(more.stderr).toContain(`No plan of INC-${number} waits`)
    expect(later.stderr).toContain('There is no reminder to put off')
  })

  test('is closed by a person who says what became of it', async () => {
    const { exitCode } = await millwright('incident', 'close', number, '--says', 'the host was retired')
    await until(async () => (await millwright('incident', 'show', number)).stdout.includes('Closed'))

    expect(exitCode).toBe(0)
  })
})

describeDryRun(millwright, () => folder)

describe('lists', () => {
  test.each([['source'], ['playbook'], ['host']])('%s list prints a table, and the same as JSON', async (noun) => {
    const table = await millwright(noun, 'list')
    const json = await millwright(noun, 'list', '-o', 'json')

    expect([table.exitCode, json.exitCode]).toEqual([0, 0])
    expect(Array.isArray(JSON.parse(json.stdout))).toBe(true)
    expect(table.stdout.split('\n').length).toBeGreaterThan(1)
  })

  test.each([
    ['shop', ['--bearer']],
    ['named', ['--user', 'am', '--basic']],
    ['signed', ['--hmac']],
    ['grafana', ['--signature-header', 'x-signature', '--timestamp-header', 'x-time', '--hmac']],
  ])('source test tells whether the credential is the one of %s', async (source, options) => {
    writeFileSync(join(folder, 'wrong'), 'another', { mode: 0o600 })
    const right = await millwright('source', 'test', source, ...options, `file:${join(folder, 'token')}`)
    const wrong = await millwright('source', 'test', source, ...options, `file:${join(folder, 'wrong')}`)

    expect([right.exitCode, wrong.exitCode]).toEqual([0, 4])
  })

  test('source test wants exactly one credential', async () => {
    const none = await millwright('source', 'test', 'shop')
    const half = await millwright('source', 'test', 'named', '--basic', `file:${join(folder, 'token')}`)

    expect([none.exitCode, half.exitCode]).toEqual([2, 2])
    expect(none.stderr).toContain('--bearer, --basic with --user, or --hmac')
  })
})

describe('config validate', () => {
  test('takes the config that runs, and warns of what is surely not meant', async () => {
    const { stdout, stderr, exitCode } = await validate('millwright.yaml')

    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ valid: true, sources: ['shop', 'named', 'signed', 'grafana'], hosts: 1 })
    expect(stderr).toContain('No key of gone-01 is pinned.')
  })

  test('looks into the blocks of integrations, and ends with 2', async () => {
    writeFileSync(join(folder, 'odd.yaml'), JSON.stringify({ sources: { shop: { use: 'alertmanager', bogus: 1 } } }))

    const { stdout, exitCode } = await validate('odd.yaml')

    expect(exitCode).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'config.invalid', message: expect.stringMatching(/sources\.shop.*bogus/) },
    })
  })
})

describe('host check', () => {
  test('names what a host lacks and what to do, and ends with 1', async () => {
    const args = [main, 'host', 'check', '--config', join(folder, 'millwright.yaml')]
    const { stdout, exitCode } = await execa(process.execPath, args, { reject: false })

    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/gone-01 +NO +a host key is pinned .*ssh-keyscan/)
  })
})

describe('a host', () => {
  test('is quarantined and released, with the reason for everybody to see', async () => {
    await millwright('host', 'quarantine', 'gone-01', '--reason', 'its disk makes noises')
    expect((await millwright('host', 'list')).stdout).toContain('by admin: its disk makes noises')

    await millwright('host', 'release', 'gone-01', '--reason', 'replaced')
    expect((await millwright('host', 'list')).stdout).not.toContain('noises')
  })
})

describe('login', () => {
  test('another person gets a code from an admin, and the role that goes with it', async () => {
    const { stdout } = await millwright('person', 'invite', 'on-call-2', '--role', 'viewer')
    const own = join(folder, 'on-call-2')
    await execa(process.execPath, [main, 'login', '--url', supervisor.url, '--data', own], { input: `${stdout}\n` })

    const stop = await execa(process.execPath, [main, 'stop', '--data', own], { reject: false })

    expect(stop.exitCode).toBe(5)
  })

  test('people are listed and removed, and whoever is removed is nobody at once', async () => {
    const own = join(folder, 'on-call-2')
    expect((await millwright('person', 'list')).stdout).toMatch(/on-call-2 +viewer +default +1 .* admin/)

    await millwright('person', 'remove', 'on-call-2')

    expect((await execa(process.execPath, [main, 'status', '--data', own], { reject: false })).exitCode).toBe(4)
    expect((await millwright('person', 'list')).stdout).not.toContain('on-call-2')
  })

  test('logging out ends the login and forgets its token', async () => {
    const own = join(folder, 'on-call-3')
    const { stdout } = await millwright('person', 'invite', 'on-call-3')
    await execa(process.execPath, [main, 'login', '--url', supervisor.url, '--data', own], { input: `${stdout}\n` })

    await execa(process.execPath, [main, 'logout', '--data', own])

    expect(existsSync(join(own, 'cli.token'))).toBe(false)
    expect((await millwright('person', 'list')).stdout).toMatch(/on-call-3 +approver +default +0 /)
  })

  test('trades a code for a token once, and the token is nobody else’s to read', async () => {
    const own = join(folder, 'own')
    const args = ['login', supervisor.loginCode, '--url', supervisor.url, '--data', own]
    const first = await execa(process.execPath, [main, ...args], { reject: false })
    const status = await execa(process.execPath, [main, 'status', '--data', own], { reject: false })
    const again = await execa(process.execPath, [main, ...args], { reject: false })

    expect([first.exitCode, status.exitCode, again.exitCode]).toEqual([0, 0, 4])
    expect(statSync(join(own, 'cli.token')).mode & 0o777).toBe(0o600)
    expect(existsSync(join(own, 'cli.token'))).toBe(true)
  })
})

async function millwright(...args: readonly string[]) {
  const all = [main, ...args, '--data', supervisor.folder.root]
  return execa(process.execPath, all, { reject: false, env: { NO_COLOR: '1' }, timeout: 120_000 })
}

function validate(file: string) {
  return execa(process.execPath, [main, 'config', 'validate', join(folder, file), '-o', 'json'], { reject: false })
}

const post = (token: string, body: object): Promise<Response> => postTo(supervisor.url, token, body)

const List = z.looseObject({ needsYou: z.array(z.looseObject({ number: z.number() })) })

/** The number of the one incident that people have. */
async function handedOver(): Promise<number> {
  let number: number | undefined
  await until(async () => {
    const { stdout } = await millwright('incident', 'list', '-o', 'json')
    number = List.parse(JSON.parse(stdout)).needsYou[0]?.number
    return number !== undefined
  })
  return number ?? 0
}
