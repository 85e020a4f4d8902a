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

/** The one tool that asks a host: a schema for each probe would take the room of what was measured. */
export const lookTool = 'look'

/** Probes in alphabetical order, the endings last. */
export function toolsOffered({ probes, profile, hosts }: Offered): readonly Tool[] {
  const fitting = [...probes.byName].flatMap(([name, { description }]) => {
    const schema = probes.schema.probes[name]
    const fits = schema !== undefined && !internalProbes.has(name) && hosts.some((host) => canAnswer(schema, host))
    return fits ? [{ name, description, schema }] : []
  })
  return [
    ...(fitting.length === 0 ? [] : [look(fitting)]),
    ...queryTool('logs', 'Lines of a named log query; `contains` is literal.', Object.keys(profile.logs)),
    ...queryTool(
      'metrics',
      'A named metric query, now and at the beginning of the minutes.',
      Object.keys(profile.metrics),
    ),
    { name: endings.playbook, description: 'Propose a playbook. A person may be asked.', input: schemaOf(Remediation) },
    { name: endings['code-fix'], ...concludes('The fault is in code that a team owns.') },
    { name: endings.person, ...concludes('A person takes it: nothing fits, or it is not known.') },
  ]
}

/** The shape of a conclusion is said once, by the first of the endings: it would take the room of evidence thrice. */
function concludes(when: string): Omit<Tool, 'name'> {
  const { required }: { readonly required?: readonly string[] } = z.toJSONSchema(Conclusion, { io: 'input' })
  const description = `${when} Takes what ${endings.playbook} takes, but no playbook and no params.`
  return { description, input: { type: 'object', required: required ?? [] } }
}

type Fitting = { readonly name: string; readonly description: string; readonly schema: HostProbe }

/** `params` of all probes side by side: which of them a probe takes stands behind its name. */
function look(fitting: readonly Fitting[]): Tool {
  const lines = fitting.map(
    ({ name, description, schema: { params } }) => `- ${name}${paramsSay(params)}: ${description}`,
  )
  const all = fitting.flatMap(({ schema }) => Object.entries(schema.params))
  const params = all.map(([name, { type }]): [string, Json] => [name, { type: typeNames[type] }])
  const properties: Json = {
    probe: { enum: fitting.map(({ name }) => name) },
    host: { type: 'string' },
    ...Object.fromEntries(params),
  }
  return {
    name: lookTool,
    description: `Asks a host one question; several calls in one turn are asked at once. Probes, and what each takes beside its host:\n${lines.join('\n')}`,
    input: { type: 'object', properties, required: ['probe', 'host'] },
  }
}

const typeNames = { declared: 'string', enum: 'string', integer: 'integer', boolean: 'boolean' } as const

function paramsSay(params: HostProbe['params']): string {
  const said = Object.entries(params).map(([name, param]) => {
    switch (param.type) {
      case 'declared':
      case 'boolean':
        return name
      case 'enum':
        return `${name}: ${param.values.join('|')}`
      case 'integer':
        return `${name}: ${param.minimum} to ${param.maximum}`
    }
  })
  return said.length === 0 ? '' : ` (${said.join(', ')})`
}

/** Something of every kind that the probe names is declared there. */
function canAnswer({ params }: HostProbe, host: InventoryHost): boolean {
  return Object.values(params).every((param) => param.type !== 'declared' || declaredNames(host, param.kind).length > 0)
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
