import { expect, test } from 'vitest'
import { nextCommands, quoted } from '../../../domain/telling/next-commands.ts'
import { twoHosts } from '../../support/gateway.ts'

const [host = null] = twoHosts
const situation = {
  number: 7,
  reason: 'novel',
  host,
  subjects: [],
  unknownRun: null,
  quarantined: false,
  closed: false,
} as const

test.each([
  ['nginx.service', 'nginx.service'],
  ['/var/log', '/var/log'],
  ['-rf', "'-rf'"],
  ['', "''"],
  ['a b; reboot', "'a b; reboot'"],
  ["it's $(id)", "'it'\\''s $(id)'"],
  ['a\nb', "'a\nb'"],
])('%j is one word for the shell', (text, word) => {
  expect(quoted(text)).toBe(word)
})

test('an endpoint is asked on loopback, then its unit is looked at, each once', () => {
  const subjects = [
    { kind: 'endpoint', name: 'home' },
    { kind: 'unit', name: 'nginx.service' },
    { kind: 'mount', name: 'root' },
  ] as const
  expect(nextCommands({ ...situation, subjects }).map((one) => one.command)).toEqual([
    'ssh 10.0.0.1',
    "curl -sS -o /dev/null -w '%{http_code}\\n' http://127.0.0.1:80/",
    'systemctl status --no-pager nginx.service',
    'journalctl --no-pager -n 100 -u nginx.service',
    'df -h / && df -i /',
    'du -xh --max-depth=2 / | sort -h | tail -20',
    'npx millwright incident show 7',
    "npx millwright incident close 7 --says 'what was done'",
  ])
})

test('without a host only what Millwright itself can say is left', () => {
  const commands = nextCommands({ ...situation, host: null })
  expect(commands.every(({ command }) => command.startsWith('npx millwright'))).toBe(true)
})

test('what is closed is not to be closed again', () => {
  const commands = nextCommands({ ...situation, closed: true }).map((one) => one.command)
  expect(commands.at(-1)).toBe('npx millwright incident show 7')
})

test('a run whose outcome is unknown is looked for where it left its record', () => {
  const commands = nextCommands({ ...situation, unknownRun: 'run_1', quarantined: false }).map((one) => one.command)
  expect(commands).toContain('ls -l /var/lib/millwright/runs/run_1')
})
