// What somebody with the reading key can do on a real host: ask typed questions, and nothing else.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { setLink } from '../../lab/network.ts'
import { attemptInside, inside } from '../../lab/inside.ts'
import { attempt, type Ran } from '../../lab/run.ts'
import { type HostState, requireHost, requireState } from '../../lab/state.ts'
import { type Lab, startLab } from '../../lab/up.ts'
import { loadProbes } from '../../probes/load.ts'
import { openReadConnections, type ReadConnections, type SshTarget } from '../../runtime/ssh.ts'

let lab: Lab
let host: HostState
let target: SshTarget
let connections: ReadConnections
let question: string

beforeAll(async () => {
  lab = await startLab({ hosts: 1, monitoring: false })
  host = requireHost(requireState(lab.name), 'web-01')
  const [shown] = lab.hosts
  target = { id: host.name, name: host.name, address: host.address, port: 22, hostKeys: shown?.hostKeys ?? [] }
  connections = openReadConnections({ privateKey: await readFile(lab.readKeyPath, 'utf8') })
  const { schema } = await loadProbes()
  question = JSON.stringify({ version: 1, schema: schema.digest, requests: [{ probe: 'failed-units', params: {} }] })
})
afterAll(async () => {
  connections.close()
  await lab.stop()
})

type Options = { readonly arguments?: readonly string[]; readonly command?: readonly string[]; readonly input?: string }

/** With OpenSSH's own client, as an intruder would. */
function ssh({ arguments: given = [], command = [], input = '' }: Options): Promise<Ran> {
  const options = [`UserKnownHostsFile=${lab.knownHostsPath}`, 'StrictHostKeyChecking=yes', 'BatchMode=yes']
  const fixed = [
    '-F',
    'none',
    '-o',
    'IdentitiesOnly=yes',
    '-i',
    lab.readKeyPath,
    ...options.flatMap((one) => ['-o', one]),
  ]
  return attempt(['ssh', ...fixed, ...given, `millwright-ro@${host.address}`, ...command], { input, timeoutMs: 60_000 })
}

function denial(output: string): unknown {
  const { denied } = JSON.parse(output)
  return denied.code
}

describe('the reading account', () => {
  const commands = [
    ['id'],
    ['sh', '-c', 'touch /tmp/marker'],
    ['probe;', 'touch', '/tmp/marker'],
    ['/usr/lib/openssh/sftp-server'],
    ['scp', '-t', '/tmp'],
    ['rsync', '--server', '--sender', '.', '/'],
    ['$(touch /tmp/marker)'],
    ['probe\ntouch /tmp/marker'],
  ]
  test.each(commands)('runs no command: %s', async (...command) => {
    const ran = await ssh({ command, input: question })
    expect(denial(ran.stdout)).toBe('bad-command')
  })

  test('gives no shell and no terminal', async () => {
    const shell = await ssh({ input: 'touch /tmp/marker\n' })
    expect(denial(shell.stdout)).toBe('not-json')
    const terminal = await ssh({ arguments: ['-tt'], command: ['probe'], input: question })
    expect(terminal.stderr).toContain('PTY allocation request failed')
  })

  test('knows no file transfer', async () => {
    const ran = await ssh({
      arguments: ['-s'],
      command: ['sftp'],
      input: '\u0000\u0000\u0000\u0005\u0001\u0000\u0000\u0000\u0003',
    })
    expect(ran.stdout).toContain('bad-command')
  })

  test.each([
    ['a connection through it', ['-W', '127.0.0.1:22']],
    ['a port back', ['-R', '0:127.0.0.1:22', '-o', 'ExitOnForwardFailure=yes']],
  ])('carries %s nowhere', async (_, given) => {
    const ran = await ssh({ arguments: given, command: given[0] === '-W' ? [] : ['probe'], input: question })
    expect(ran.exitCode).not.toBe(0)
    expect(ran.stdout).not.toContain('SSH-2.0')
  })

  test('takes no environment, and runs no start-up file', async () => {
    const home = join(lab.hosts[0]?.root ?? '', 'var/lib/millwright/ro')
    await inside(host, ['mkdir', '-p', '/var/lib/millwright/ro/.ssh'])
    for (const name of ['.ssh/rc', '.bashrc', '.profile', '.ssh/environment', '.pam_environment']) {
      await writeFile(join(home, name), 'touch /tmp/marker\nPYTHONSTARTUP=/tmp/marker\n')
    }
    const given = ['-o', 'SetEnv=LC_ALL=() PYTHONPATH=/tmp BASH_ENV=/tmp/x LD_PRELOAD=/tmp/x.so TZ=:/etc/shadow']
    const ran = await ssh({ arguments: given, command: ['probe'], input: question })
    expect(JSON.parse(ran.stdout)).toMatchObject({ answers: [{ probe: 'failed-units', outcome: 'ok' }] })
    await inside(host, ['rm', '-r', '/var/lib/millwright/ro/.ssh'])
  })

  test('has no password, no sudo, and only the groups that read logs', async () => {
    const shadow = await inside(host, ['getent', 'shadow', 'millwright-ro'])
    expect(shadow.split(':')[1]).toBe('*')
    const groups = (await inside(host, ['id', '-nG', 'millwright-ro'])).trim().split(' ')
    expect(groups.toSorted()).toEqual(['adm', 'millwright-ro', 'systemd-journal'])
    expect((await inside(host, ['sudo', '-n', '-l', '-U', 'millwright-ro'])).includes('not allowed')).toBe(true)
  })

  test('waits a few seconds for a request that never ends, then says so', async () => {
    const asAccount = 'setpriv --reuid=millwright-ro --regid=millwright-ro --clear-groups'
    const line = `sleep 15 2>/dev/null | ${asAccount} /usr/lib/millwright/millwright-probe & wait $!`
    const ran = await attemptInside(host, ['sh', '-c', line], { timeoutMs: 30_000 })
    expect(denial(ran.stdout)).toBe('slow-request')
  })

  test('answers sixty questions at once over one connection', async () => {
    const replies = await Promise.all(Array.from({ length: 60 }, () => connections.exchange(target, question)))
    expect(replies.every((reply) => JSON.parse(reply).answers[0].outcome === 'ok')).toBe(true)
  })

  test('a log line of a gigabyte, and one of a megabyte in the journal, keep no probe from a short answer', async () => {
    const log = '/var/log/nginx/access.log'
    // Without a line's end; what was never written takes no room on the disk.
    await inside(host, ['sh', '-c', `truncate -s 1G ${log} && printf '%s' ' ERROR' >> ${log}`])
    const noise = ['systemd-cat', '--identifier=acme-app', 'cat']
    await inside(host, noise, { input: `${'x'.repeat(1024 * 1024)}\n` })
    const { schema } = await loadProbes()
    const requests = [
      { probe: 'recent-logs', params: { mount: 'nginx-logs', lines: 50 } },
      { probe: 'largest-files', params: { mount: 'nginx-logs' } },
      { probe: 'journal', params: { unit: 'acme-app.service', lines: 50 } },
    ]
    const asked = JSON.stringify({ version: 1, schema: schema.digest, requests })
    const reply = await connections.exchange(target, asked)
    await inside(host, ['truncate', '-s', '0', log])

    const { answers } = JSON.parse(reply)
    expect(answers.map((answer: { readonly outcome: string }) => answer.outcome)).toEqual(['ok', 'ok', 'ok'])
    expect(answers[0].facts).toMatchObject({ unreadable: 0 })
    expect(reply.length).toBeLessThan(3 * 64 * 1024)
  })

  test('has left no trace on the host', async () => {
    expect((await attemptInside(host, ['test', '-e', '/tmp/marker'])).exitCode).not.toBe(0)
    const owned = await inside(host, ['find', '/', '-xdev', '-user', 'millwright-ro', '-not', '-path', '/proc/*'])
    expect(owned.trim()).toBe('')
  })
})

const patience = { timeout: 60_000 }

/** Running for the reading account. */
async function programs(): Promise<number> {
  const { stdout } = await attemptInside(host, ['pgrep', '-u', 'millwright-ro', '-c', '-f', 'millwright-probe'])
  return Number(stdout)
}

const logins = async (): Promise<number> => {
  const lines = await inside(host, ['journalctl', '-u', 'ssh', '--no-pager', '-o', 'cat'])
  return lines.split('\n').filter((line) => line.startsWith('Accepted')).length
}

describe('the reading connection', () => {
  const otherKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFcGqcBNuzNyMcv5WvKjDGoM3AzXs2rMyPxPpRrgTsRM'

  test.each([
    ['another key than the pinned one', [otherKey]],
    ['a key of another type', ['ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBA==']],
    ['no pinned key at all', []],
  ])('is not made to a host with %s, and nothing is sent', async (_, hostKeys) => {
    const before = await logins()
    connections.open({ ...target, hostKeys })
    await expect(connections.exchange({ ...target, hostKeys }, question)).rejects.toMatchObject({
      code: 'host.unknown-key',
    })
    expect(await logins()).toBe(before)
  })

  test('that was opened early is the one that the first question takes', async () => {
    const early = openReadConnections({ privateKey: await readFile(lab.readKeyPath, 'utf8') })
    const before = await logins()
    early.open(target)
    early.open(target)
    await vi.waitFor(async () => expect(await logins()).toBe(before + 1), patience)
    expect(JSON.parse(await early.exchange(target, question))).toMatchObject({ host: 'web-01' })
    expect(await logins()).toBe(before + 1)
    early.close()
  })

  test('that is opened early has started the program, which ends by itself when nobody asks', async () => {
    await vi.waitFor(async () => {
      connections.open(target)
      expect(await programs()).toBe(1)
    }, patience)
    await vi.waitFor(async () => expect(await programs()).toBe(0), patience)
    connections.open(target)
    expect(JSON.parse(await connections.exchange(target, question))).toMatchObject({ host: 'web-01' })
    // The one that waited was the one that was asked.
    expect(await programs()).toBe(0)
  })

  test('answers a question that was cancelled before with just that', async () => {
    const cancelled = connections.exchange(target, question, AbortSignal.abort())
    await expect(cancelled).rejects.toMatchObject({ code: 'host.timeout', message: /before it was cancelled/ })
  })

  test('is not made when the reading key is refused, and says what to do', async () => {
    const strangers = openReadConnections({ privateKey: await readFile(lab.authorityKeyPath, 'utf8') })
    await expect(strangers.exchange(target, question)).rejects.toMatchObject({
      code: 'host.unreachable',
      message: 'web-01 refuses the reading key.',
    })
    strangers.close()
  })

  test('notices a link that is cut, and comes back with it', async () => {
    expect(JSON.parse(await connections.exchange(target, question))).toMatchObject({ host: 'web-01' })
    await setLink(requireState(lab.name), host, 'down')
    await expect(connections.exchange(target, question)).rejects.toMatchObject({
      code: /^host\.(unreachable|timeout)$/,
    })
    await setLink(requireState(lab.name), host, 'up')
    expect(JSON.parse(await connections.exchange(target, question))).toMatchObject({ host: 'web-01' })
  })
})
