// Requests that somebody with the reading key might send. Not one of them may be answered with anything but a refusal.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Case } from './installed.ts'

const Corpus = z.strictObject({
  /**
   * Command lines that "safe" lists let through: each as a probe, as a parameter, as the whole request and as the SSH
   * command.
   */
  commands: z.array(z.string()),
  /** What stands where a probe's name should. */
  names: z.array(z.string()),
  units: z.array(z.string()),
  mounts: z.array(z.string()),
  endpoints: z.array(z.string()),
  /** JSON text where a number of lines should stand. */
  numbers: z.array(z.string()),
  /** JSON text where `unit-status` expects its parameters. */
  parameters: z.array(z.string()),
})

const corpus = Corpus.parse(JSON.parse(readFileSync(join(import.meta.dirname, 'hostile.json'), 'utf8')))

/** Whole requests, for the schema that is installed. */
export function hostileCases(schema: string): readonly Case[] {
  const quoted = (value: string): string => JSON.stringify(value)
  const whole = (requests: string): string => `{"version":1,"schema":"${schema}","requests":${requests}}`
  const one = (probe: string, params: string): string => whole(`[{"probe":${probe},"params":${params}}]`)
  const good = one('"failed-units"', '{}')
  const requests: readonly (string | Uint8Array)[] = [
    ...corpus.commands.flatMap((line) => [
      line,
      one(quoted(line), '{}'),
      one('"unit-status"', `{"unit":${quoted(line)}}`),
    ]),
    ...corpus.names.map((name) => one(quoted(name), '{"unit":"nginx.service"}')),
    ...['null', '1', 'true', '[]', '{}', '["unit-status"]'].map((name) => one(name, '{}')),
    ...corpus.units.map((unit) => one('"unit-status"', `{"unit":${quoted(unit)}}`)),
    ...corpus.mounts.map((mount) => one('"disk-usage"', `{"mount":${quoted(mount)}}`)),
    ...corpus.endpoints.map((endpoint) => one('"http-probe"', `{"endpoint":${quoted(endpoint)}}`)),
    ...corpus.numbers.map((number) => one('"journal"', `{"unit":"nginx.service","lines":${number}}`)),
    ...corpus.parameters.map((params) => one('"unit-status"', params)),
    ...shapes(schema, good, whole),
  ]
  return [
    ...requests.map((request) => ({ request })),
    ...corpus.commands.map((line) => ({ request: good, environment: { SSH_ORIGINAL_COMMAND: line } })),
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
    '',
    ' ',
    '\n',
    'null',
    '[]',
    '{}',
    '""',
    '0',
    'probe',
    good + good,
    `${good}\n${good}`,
    `${good}x`,
    `x${good}`,
    `\uFEFF${good}`,
    good.slice(0, -1),
    Buffer.from(good, 'utf16le'),
    Buffer.from([0xff, 0xfe, ...Buffer.from(good)]),
    Buffer.from([0xc0, 0x80]),
    Buffer.from([0xed, 0xa0, 0x80]),
    Buffer.alloc(1_000),
    good.replace('"version":1', '"version":2'),
    good.replace('"version":1', '"version":true'),
    good.replace('"version":1', '"version":"1"'),
    good.replace('"version":1', '"version":1.0'),
    good.replace('"version":1', '"version":1,"version":1'),
    good.replace('"version":1,', ''),
    good.replace('{"version"', '{"debug":true,"version"'),
    good.replace(schema, otherSchema),
    good.replace(schema, ''),
    good.replace(schema, schema.toUpperCase()),
    good.replace(`"${schema}"`, 'null'),
    good.replace(schema, `${schema}0`),
    whole('[]'),
    whole('{}'),
    whole('null'),
    whole('"x"'),
    whole('[null]'),
    whole('[[]]'),
    whole('[{}]'),
    whole('[{"probe":"failed-units"}]'),
    whole('[{"params":{}}]'),
    whole('[{"probe":"failed-units","params":{},"root":true}]'),
    whole(`[${Array.from({ length: 65 }, () => '{"probe":"failed-units","params":{}}').join(',')}]`),
    whole(`[{"probe":"unit-status","params":{${keys}}}]`),
    whole(`${'['.repeat(deep)}${']'.repeat(deep)}`),
    '['.repeat(100_000),
    '{"a":'.repeat(deep),
    '"'.repeat(999),
    '\\'.repeat(999),
    `${' '.repeat(70_000)}${good}`,
    'a'.repeat(1_000_000),
    good.replaceAll('"', "'"),
    `<?xml version="1.0"?><a/>`,
    'GET / HTTP/1.1\r\n\r\n',
    '() { :;}; id',
    '#!/bin/sh\nid\n',
  ]
}
