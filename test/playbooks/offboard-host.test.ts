// Onboarding is repeatable and keeps whole configurations, and offboarding takes all of it away: on a real host.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hostDeclaration } from '../../lab/declaration.ts'
import { attemptInside, inside } from '../../lab/inside.ts'
import { run } from '../../lab/run.ts'
import { requireHost, requireState } from '../../lab/state.ts'
import { type Lab, startLab } from '../../lab/up.ts'
import { toolPath } from '../../runtime/tools.ts'

const playbooks = join(import.meta.dirname, '../../playbooks')

let lab: Lab
let work: string

beforeAll(async () => {
  lab = await startLab({ hosts: 1, monitoring: false })
  work = await mkdtemp(join(tmpdir(), 'millwright-offboard-'))
  const trust = ['-F', 'none', '-o', `UserKnownHostsFile=${lab.knownHostsPath}`, '-o', 'StrictHostKeyChecking=yes']
  const login = {
    ansible_host: lab.hosts[0]?.address,
    ansible_user: 'root',
    ansible_ssh_private_key_file: lab.operatorKeyPath,
    ansible_ssh_common_args: trust.join(' '),
    ansible_python_interpreter: '/usr/bin/python3',
  }
  await writeFile(join(work, 'inventory.json'), JSON.stringify({ all: { hosts: { 'web-01': login } } }))
  await writeFile(
    join(work, 'vars.json'),
    JSON.stringify({
      host_id: 'web-01',
      read_public_key: (await readFile(`${lab.readKeyPath}.pub`, 'utf8')).trim(),
      ca_public_key: (await readFile(`${lab.authorityKeyPath}.pub`, 'utf8')).trim(),
      declaration: hostDeclaration,
    }),
  )
})
afterAll(async () => {
  await lab.stop()
  await rm(work, { recursive: true, force: true })
})

/** An onboarding on a busy machine, in milliseconds. */
const longestPlay = 500_000

/** Ansible's counts of the one host. */
async function play(name: string, more: readonly string[] = []): Promise<string> {
  const vars = name === 'onboard-host' ? ['--extra-vars', `@${join(work, 'vars.json')}`] : []
  const argv = [toolPath('ansible-playbook'), '-i', join(work, 'inventory.json'), ...vars, ...more]
  const env = { HOME: work, ANSIBLE_PIPELINING: '1', LC_ALL: 'C.UTF-8', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }
  const output = await run([...argv, join(playbooks, name, 'playbook.yml')], { env, timeoutMs: longestPlay })
  return output.split('\n').find((line) => line.startsWith('web-01 ') && line.includes('ok=')) ?? output
}

const host = () => requireHost(requireState(lab.name), 'web-01')

test('offboarding leaves nothing but the record of past runs, and closes both doors', async () => {
  expect(await play('offboard-host')).toMatch(/failed=0/)
  const places = ['/usr/lib/millwright', '/etc/millwright', '/etc/ssh/millwright', '/etc/sudoers.d/millwright-act']
  for (const place of [...places, '/etc/ssh/sshd_config.d/60-millwright.conf']) {
    expect((await attemptInside(host(), ['test', '-e', place])).exitCode).toBe(1)
  }
  expect((await attemptInside(host(), ['getent', 'passwd', 'millwright-ro', 'millwright-act'])).stdout).toBe('')
  expect((await inside(host(), ['ls', '/var/lib/millwright'])).trim()).toBe('runs')
  await inside(host(), ['/usr/sbin/sshd', '-t'])
})

test('offboarding again changes nothing', async () => {
  expect(await play('offboard-host')).toMatch(/changed=0 .*failed=0/)
})

const good = '/var/lib/millwright/known-good/nginx'
const differs = () => inside(host(), ['diff', '--recursive', '--no-dereference', '/etc/nginx', good])

test(
  'a host that was offboarded can be onboarded again, and a second time changes nothing',
  { timeout: 3 * longestPlay },
  async () => {
    await inside(host(), ['mkdir', '-p', `${good}.new/left-behind`])
    expect(await play('onboard-host')).toMatch(/failed=0/)
    expect(await play('onboard-host')).toMatch(/changed=0 .*failed=0/)
    expect((await inside(host(), ['cat', '/etc/millwright/host-id'])).trim()).toBe('web-01')
    expect(await differs()).toBe('')
  },
)

test('what a copy left that was cut short is never taken for a known good configuration', async () => {
  const cutShort = [
    'rm -r /etc/nginx/snippets',
    `rm -rf ${good}.new`,
    `mkdir ${good}.new`,
    `touch ${good}.new/nginx.conf`,
  ]
  await inside(host(), ['sh', '-ec', cutShort.join('\n')])
  expect(await play('keep-config')).toMatch(/failed=0/)
  expect(await differs()).toBe('')
})

test('on the machine that Millwright itself runs on, forgetting the runs leaves its data alone', async () => {
  await inside(host(), ['sh', '-c', 'cd /var/lib/millwright && touch payload.key runs/run_1 && mkdir postgres'])
  expect(await play('offboard-host', ['--extra-vars', '{"forget_runs": true}'])).toMatch(/failed=0/)
  expect((await inside(host(), ['ls', '/var/lib/millwright'])).trim().split('\n')).toEqual(['payload.key', 'postgres'])
})
