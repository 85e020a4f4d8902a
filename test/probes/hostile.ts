// Requests that somebody with the reading key might send. Not one of them may be answered with anything but a refusal.
import type { Case } from './installed.ts'

/** Command lines that "safe" lists let through: each as a probe, as a parameter, as the whole request and as the SSH command. */
const commands = [
  'find / -exec id ;', 'find / -delete', 'awk BEGIN{system("id")}', 'sed -n 1e\\ id', 'sort --compress-program=sh', 'uniq a b',
  'split --filter=id', 'tar --checkpoint-action=exec=id', 'man -P id man', 'journalctl --cursor-file=/tmp/x', 'journalctl --vacuum-size=1',
  'systemctl restart nginx', 'systemctl -H root@localhost status', 'systemctl edit nginx', 'git -c core.pager=id log', 'rg --pre id',
  'tcpdump -z id', 'strace -o |id', 'ip netns exec x id', 'ss -D /tmp/x', 'ss -F /etc/shadow', 'curl -o /tmp/x file:///etc/shadow',
  'wget --use-askpass=id', 'dig -f /etc/shadow', 'date -f /etc/shadow', 'wc --files0-from=/etc/shadow', 'file -f /etc/shadow',
  'env id', 'xargs id', 'timeout 1 id', 'busybox sh', 'nsenter -t 1 id', 'ssh -o ProxyCommand=id x', 'scp -S id a b:', 'dpkg --pre-invoke=id',
  'zip -TT id', 'openssl enc -out /tmp/x', 'vi -c !id', 'psql -c \\!id', 'ps e', 'sysctl -w a=b', 'docker run x', 'kubectl exec x',
  'python3 -c import os', 'nginx -s stop', 'nginx -c /tmp/x', 'loginctl terminate-user x', 'smartctl -s off', 'internal-sftp',
  '/usr/lib/openssh/sftp-server', 'rsync --server --sender . /', "git-upload-pack '/x'", 'scp -t /tmp', 'cat /etc/shadow', '$(id)', '`id`',
] as const

const names = [
  '', ' ', '__proto__', 'constructor', 'toString', 'unit-status ', ' unit-status', 'unit-status\n', 'unit-status\u0000', 'UNIT-STATUS',
  'unit_status', 'unit-stаtus', 'unit-status.py', '../readers/unit-status', 'readers/unit-status', 'unit-status/../memory', 'a'.repeat(10_000),
  'unit-status;id', '-unit-status', '.', '..', 'schema', 'host', 'dispatch',
] as const

const units = [
  '', ' ', 'nginx', 'nginx.service ', 'NGINX.service', 'nginx.service\n', 'nginx.service\u0000', 'nginx.service;id', '--root=/', '-H a@b', '*', '?',
  '../nginx.service', 'other.service', 'nginx@$(id).service', 'nginx\\x2dx.service', 'nginx.service nginx.service', 'ｎginx.service',
  '\u202Enginx.service', '/etc/systemd/system/nginx.service', 'nginx.service\r', '--all', 'a'.repeat(2_000), 'nginx.service,other.service',
] as const

const mounts = [
  '/', '/etc', '..', '../x', 'logs/../../etc', 'logs/', '%2e%2e', '%252e', '..\\x', '~', '{a,b}', '.', 'logs.', 'logs ', 'lo\u0000gs', '/proc/self/environ',
  '/dev/watchdog', 'a'.repeat(5_000), 'cafe\u0301', '\uFEFFlogs', 'file:///etc/shadow', '//', 'logs\n/etc',
] as const

const endpoints = [
  'http://169.254.169.254/latest', '169.254.169.254', 'http://[::1]/', '2130706433', 'localhost', 'home@evil', 'home#', 'home?x', 'file:///etc/shadow',
  'home\r\nHost: evil', 'HOME', 'home/../admin', 'gopher://x', '0x7f000001',
] as const

const numbers = [
  '-1', '0', '201', '1e2', '1.5', '1.0', '9007199254740993', '9223372036854775808', '1e400', '-0', 'NaN', 'Infinity', 'true', 'null', '"5"', '"5;id"', '[5]',
  '{"a":5}', '05', '+5', '5_0', '0x5', '9'.repeat(5_000), '५',
] as const

const parameters = [
  'null', '[]', '"x"', '1', 'true', '{}', '{"unit":null}', '{"unit":["nginx.service"]}', '{"unit":{"a":"b"}}', '{"unit":1}', '{"unit":true}',
  '{"unit":"nginx.service","extra":1}', '{"unit":"nginx.service","unit":"other.service"}', '{"__proto__":"x"}', '{"Unit":"nginx.service"}', '{"unit ":"nginx.service"}',
  '{"unit":"nginx.service","":""}', '{"unit\\u0000":"x"}', '{"unit":"\\ud800"}', '{"unit":"\\u0000"}', '{"unit":"\\u001b[31m"}',
] as const

/** Whole requests, for the schema that is installed. */
export function hostileCases(schema: string): readonly Case[] {
  const quoted = (value: string): string => JSON.stringify(value)
  const whole = (requests: string): string => `{"version":1,"schema":"${schema}","requests":${requests}}`
  const one = (probe: string, params: string): string => whole(`[{"probe":${probe},"params":${params}}]`)
  const good = one('"failed-units"', '{}')
  const requests: readonly (string | Uint8Array)[] = [
    ...commands.flatMap((line) => [line, one(quoted(line), '{}'), one('"unit-status"', `{"unit":${quoted(line)}}`)]),
    ...names.map((name) => one(quoted(name), '{"unit":"nginx.service"}')),
    ...['null', '1', 'true', '[]', '{}', '["unit-status"]'].map((name) => one(name, '{}')),
    ...units.map((unit) => one('"unit-status"', `{"unit":${quoted(unit)}}`)),
    ...mounts.map((mount) => one('"disk-usage"', `{"mount":${quoted(mount)}}`)),
    ...endpoints.map((endpoint) => one('"http-probe"', `{"endpoint":${quoted(endpoint)}}`)),
    ...numbers.map((number) => one('"journal"', `{"unit":"nginx.service","lines":${number}}`)),
    ...parameters.map((params) => one('"unit-status"', params)),
    ...shapes(schema, good, whole),
  ]
  return [
    ...requests.map((request) => ({ request })),
    ...commands.map((line) => ({ request: good, environment: { SSH_ORIGINAL_COMMAND: line } })),
    ...['probe ', 'probe\n', 'probe;id', 'PROBE', 'probe probe', ' '].map((line) => ({
      request: good,
      environment: { SSH_ORIGINAL_COMMAND: line },
    })),
    ...[['-c', 'id'], ['-i'], ['--version'], ['-c'], ['-c', '/tmp/millwright-probe'], ['probe']].map((given) => ({
      request: good,
      arguments: given,
    })),
  ]
}

function shapes(schema: string, good: string, whole: (requests: string) => string): readonly (string | Uint8Array)[] {
  const deep = 10_000
  const keys = Array.from({ length: 1_000 }, (_, at) => `"k${at}":1`).join(',')
  const otherSchema = schema.replace(/./, (digit) => (digit === '0' ? '1' : '0'))
  return [
    '', ' ', '\n', 'null', '[]', '{}', '""', '0', 'probe', good + good, `${good}\n${good}`, `${good}x`, `x${good}`, `\uFEFF${good}`, good.slice(0, -1),
    Buffer.from(good, 'utf16le'), Buffer.from([0xff, 0xfe, ...Buffer.from(good)]), Buffer.from([0xc0, 0x80]), Buffer.from([0xed, 0xa0, 0x80]), Buffer.alloc(1_000),
    good.replace('"version":1', '"version":2'), good.replace('"version":1', '"version":true'), good.replace('"version":1', '"version":"1"'), good.replace('"version":1', '"version":1.0'),
    good.replace('"version":1', '"version":1,"version":1'), good.replace('"version":1,', ''), good.replace('{"version"', '{"debug":true,"version"'),
    good.replace(schema, otherSchema), good.replace(schema, ''), good.replace(schema, schema.toUpperCase()), good.replace(`"${schema}"`, 'null'), good.replace(schema, `${schema}0`),
    whole('[]'), whole('{}'), whole('null'), whole('"x"'), whole('[null]'), whole('[[]]'), whole('[{}]'), whole('[{"probe":"failed-units"}]'), whole('[{"params":{}}]'),
    whole('[{"probe":"failed-units","params":{},"root":true}]'), whole(`[${Array.from({ length: 65 }, () => '{"probe":"failed-units","params":{}}').join(',')}]`),
    whole(`[{"probe":"unit-status","params":{${keys}}}]`), whole(`${'['.repeat(deep)}${']'.repeat(deep)}`), '['.repeat(100_000), '{"a":'.repeat(deep), '"'.repeat(999), '\\'.repeat(999),
    `${' '.repeat(70_000)}${good}`, 'a'.repeat(1_000_000), good.replaceAll('"', "'"), `<?xml version="1.0"?><a/>`, 'GET / HTTP/1.1\r\n\r\n', '() { :;}; id', '#!/bin/sh\nid\n',
  ]
}
