// What a model may call: the probes that something of these hosts can answer, the named queries, and three ways to end.
// Names and order depend on the arguments alone, so that they are the same bytes in every turn.
import { z } from 'zod'
import type { Json } from '../../domain/canonical-json.ts'
import { declaredNames, type InventoryHost } from '../../domain/inventory.ts'
import type { Tool } from '../../domain/model.ts'
import type { HostProbe, Probes } from '../../probes/load.ts'
import type { ProfileConfig } from '../../runtime/config.ts'
import { Conclusion, Query, Remediation } from './answer.ts'

type Offered = {
  readonly probes: Probes
  readonly profile: Pick<ProfileConfig, 'metrics' | 'logs'>
  /** That may be looked at. */
  readonly hosts: readonly InventoryHost[]
}

/** They tell of Millwright's own runs, which code reads for itself. */
export const internalProbes: ReadonlySet<string> = new Set(['run-record'])

/** By what they propose. */
export const endings = { playbook: 'propose_remediation', 'code-fix': 'propose_code_fix', person: 'escalate' } as const

/** In alphabetical order, the endings last. */
export function toolsOffered({ probes, profile, hosts }: Offered): readonly Tool[] {
  return [
    ...[...probes.byName].flatMap(([name, { description }]) => {
      const schema = probes.schema.probes[name]
      const fits = schema !== undefined && !internalProbes.has(name) && hosts.some((host) => canAnswer(schema, host))
      return fits ? [{ name, description, input: inputOf(schema) }] : []
    }),
    ...queryTool('logs', 'Lines of a named log query; `contains` is literal.', Object.keys(profile.logs)),
    ...queryTool(
      'metrics',
      'A named metric query, now and at the beginning of the minutes.',
      Object.keys(profile.metrics),
    ),
    { name: endings.playbook, description: 'Propose a playbook. A person may be asked.', input: schemaOf(Remediation) },
    { name: endings['code-fix'], description: 'The fault is in code that a team owns.', input: schemaOf(Conclusion) },
    {
      name: endings.person,
      description: 'A person takes it: nothing fits, or it is not known.',
      input: schemaOf(Conclusion),
    },
  ]
}

/** Something of every kind that the probe names is declared there. */
function canAnswer({ params }: HostProbe, host: InventoryHost): boolean {
  return Object.values(params).every((param) => param.type !== 'declared' || declaredNames(host, param.kind).length > 0)
}

/** A probe's own parameters, and the host to ask. */
function inputOf({ params }: HostProbe): Json {
  const own = Object.entries(params).map(([name, param]): [string, Json] => {
    switch (param.type) {
      case 'declared':
        return [name, { type: 'string' }]
      case 'enum':
        return [name, { enum: param.values }]
      case 'integer':
        return [name, { type: 'integer', minimum: param.minimum, maximum: param.maximum }]
      case 'boolean':
        return [name, { type: 'boolean' }]
    }
  })
  const properties: Json = Object.fromEntries([['host', { type: 'string' }], ...own])
  return { type: 'object', properties, required: ['host', ...Object.keys(params)] }
}

function queryTool(name: string, description: string, names: readonly string[]): readonly Tool[] {
  if (names.length === 0) return []
  return [{ name, description: `${description} Names: ${names.toSorted().join(', ')}.`, input: schemaOf(Query) }]
}

/** Limits are checked in the answer: a schema that says them all costs more than an answer that is told. */
function schemaOf(schema: z.ZodType): Json {
  const plain: Json = JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io: 'input' })))
  return withoutLimits(plain)
}

const limits: ReadonlySet<string> = new Set([
  '$schema',
  'additionalProperties',
  'default',
  'maxItems',
  'maxLength',
  'minLength',
  'propertyNames',
])

function withoutLimits(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(withoutLimits)
  if (typeof schema !== 'object' || schema === null) return schema
  const entries = Object.entries(schema).filter(([key]) => !limits.has(key))
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutLimits(value)]))
}
