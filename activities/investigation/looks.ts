// What a model wants to see, as typed questions: a probe that fits, a host that may be read, a name that it declares.
import { type Ask, maximumAsks } from '../../domain/ask.ts'
import type { Json } from '../../domain/canonical-json.ts'
import type { Scalar } from '../../domain/evidence.ts'
import { declaredNames, type InventoryHost } from '../../domain/inventory.ts'
import type { ToolCall } from '../../domain/model.ts'
import { listed } from '../../domain/text.ts'
import type { Probes } from '../../probes/load.ts'
import type { ProfileConfig } from '../../runtime/config.ts'
import { Fields, Params, Query, reasonOf } from './answer.ts'
import { internalProbes, lookTool } from './tools-offered.ts'

export type Readable = {
  readonly probes: Probes
  readonly profile: Pick<ProfileConfig, 'metrics' | 'logs'>
  /** That may be looked at. */
  readonly hosts: readonly InventoryHost[]
}

/** One for each call, in their order; what may not be asked is refused with a reason that the model is told. */
export function asksOf(calls: readonly ToolCall[], readable: Readable): readonly Ask[] {
  return calls.map((call, at) =>
    at < maximumAsks ? askOf(call, readable) : refused(call, `only ${maximumAsks} questions of one turn are asked`),
  )
}

function askOf(call: ToolCall, readable: Readable): Ask {
  if (call.name === 'metrics' || call.name === 'logs') return queryOf(call, call.name, readable)
  if (call.name !== lookTool) return refused(call, 'there is no such tool')
  return probeOf(call, readable)
}

function queryOf(call: ToolCall, kind: 'metrics' | 'logs', { profile }: Readable): Ask {
  const parsed = Query.safeParse(call.input)
  if (!parsed.success) return refused(call, reasonOf(parsed.error))
  const { query, contains = null, minutes } = parsed.data
  const names = Object.keys(profile[kind])
  if (!names.includes(query)) return refused(call, `there is no such query: ${listed(names) || 'none is configured'}`)
  return { call: call.id, kind, query, contains, minutes }
}

function probeOf(call: ToolCall, { probes, hosts }: Readable): Ask {
  const { probe: name, host: named, ...rest } = objectOf(call.input)
  const probe = typeof name === 'string' && !internalProbes.has(name) ? probes.byName.get(name) : undefined
  if (probe === undefined || typeof name !== 'string') return refused(call, 'there is no such probe')
  const host = hosts.find(({ id, name }) => id === named || name === named)
  if (host === undefined) {
    return refused(call, `these hosts may be looked at: ${listed(hosts.map(({ name }) => name))}`)
  }
  const schema = probes.schema.probes[name]
  const parsed = probe.params.safeParse(rest)
  if (schema === undefined) return refused(call, 'there is no such probe')
  if (!parsed.success) return refused(call, reasonOf(parsed.error))
  const params = Params.parse(parsed.data)
  const stranger = Object.entries(schema.params).find(
    ([name, param]) => param.type === 'declared' && !isDeclared(host, param.kind, params[name]),
  )
  if (stranger === undefined) return { call: call.id, kind: 'probe', host: host.id, request: { probe: name, params } }
  const [of, param] = stranger
  const names = param.type === 'declared' ? declaredNames(host, param.kind) : []
  return refused(call, `${of} is one of what ${host.name} declares: ${listed(names) || 'nothing'}`)
}

function isDeclared(
  host: InventoryHost,
  kind: Parameters<typeof declaredNames>[1],
  value: Scalar | undefined,
): boolean {
  return declaredNames(host, kind).some((name) => name === value)
}

/** What is no object has no keys. */
function objectOf(input: Json): Readonly<Record<string, unknown>> {
  return Fields.safeParse(input).data ?? {}
}

function refused({ id }: ToolCall, says: string): Ask {
  return { call: id, kind: 'refused', says }
}
