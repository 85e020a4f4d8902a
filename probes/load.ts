// Finds the probes by their folders and says what a host must know to answer them. Nothing lists them.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { Failure } from '../domain/failure.ts'
import type { Digest } from '../domain/ids.ts'
import { type DeclaredKind, declaredKinds } from '../domain/inventory.ts'
import { digestOf } from '../runtime/digest.ts'
import type { Probe } from './probe.ts'

/** A probe may not take longer than this on a host, seconds. */
export const maximumProbeSeconds = 10

/** What a host checks a parameter against. There is no free text: a string is one of a list, or a declared name. */
export type HostParam =
  | { readonly type: 'declared'; readonly kind: DeclaredKind }
  | { readonly type: 'enum'; readonly values: readonly string[] }
  | { readonly type: 'integer'; readonly minimum: number; readonly maximum: number }
  | { readonly type: 'boolean' }

export type HostProbe = {
  readonly timeoutSeconds: number
  readonly params: Readonly<Record<string, HostParam>>
  readonly facts: unknown
}

/** Installed on each host as `schema.json`, beside the readers. */
export type HostSchema = {
  readonly version: 1
  readonly digest: Digest
  readonly probes: Readonly<Record<string, HostProbe>>
}

export type Probes = { readonly byName: ReadonlyMap<string, Probe>; readonly schema: HostSchema }

const ProbeShape = z.object({
  description: z.string().min(10),
  params: z.instanceof(z.ZodObject),
  facts: z.instanceof(z.ZodObject),
  timeoutSeconds: z.int().min(1).max(maximumProbeSeconds),
})

/**
 * Loads every folder that has an `index.ts`. Throws `config.module-broken` naming the folder and what is wrong with
 * it.
 */
export async function loadProbes(folder: string = import.meta.dirname): Promise<Probes> {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'index.ts')))
    .map((entry) => entry.name)
    .toSorted()
  const loaded = await Promise.all(names.map(async (name) => [name, await loadProbe(folder, name)] as const))
  const probes = Object.fromEntries(loaded.map(([name, probe]) => [name, hostProbe(name, probe)]))
  return { byName: new Map(loaded), schema: { version: 1, digest: digestOf(probes), probes } }
}

async function loadProbe(folder: string, name: string): Promise<Probe> {
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(name)) throw broken(name, 'its folder is not named in lower case with dashes')
  if (!existsSync(join(folder, name, 'reader.py'))) throw broken(name, 'it has no reader.py')
  const module: unknown = await import(pathToFileURL(join(folder, name, 'index.ts')).href)
  const definition = typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined
  const parsed = ProbeShape.safeParse(definition)
  if (!parsed.success) throw broken(name, `its index.ts does not export a probe: ${z.prettifyError(parsed.error)}`)
  return parsed.data
}

const JsonParam = z.looseObject({
  type: z.enum(['string', 'integer', 'boolean']),
  declared: z.enum(declaredKinds).optional(),
  enum: z.array(z.string()).optional(),
  const: z.string().optional(),
  minimum: z.int().optional(),
  maximum: z.int().optional(),
})

const JsonObject = z.looseObject({
  properties: z.record(z.string(), JsonParam).default({}),
  required: z.array(z.string()).default([]),
  additionalProperties: z.literal(false),
})

function hostProbe(name: string, probe: Probe): HostProbe {
  const described = JsonObject.safeParse(z.toJSONSchema(probe.params))
  if (!described.success) throw broken(name, 'its params are not a closed object of scalars')
  const { properties, required } = described.data
  const entries = Object.entries(properties).map(([key, param]) => {
    if (!required.includes(key)) throw broken(name, `its parameter ${key} is optional: two spellings of one question`)
    return [key, hostParam(name, key, param)] as const
  })
  const { $schema: _, ...facts } = z.toJSONSchema(probe.facts)
  return { timeoutSeconds: probe.timeoutSeconds, params: Object.fromEntries(entries), facts }
}

function hostParam(name: string, key: string, param: z.infer<typeof JsonParam>): HostParam {
  if (param.type === 'boolean') return { type: 'boolean' }
  if (param.declared !== undefined) return { type: 'declared', kind: param.declared }
  const values = param.enum ?? (param.const === undefined ? undefined : [param.const])
  if (param.type === 'string' && values !== undefined) return { type: 'enum', values }
  const { minimum, maximum } = param
  const bounded = minimum !== undefined && maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER
  if (param.type === 'integer' && bounded) return { type: 'integer', minimum, maximum }
  throw broken(name, `its parameter ${key} is neither declared, an enumeration, a boolean nor a bounded integer`)
}

function broken(name: string, detail: string): Failure {
  return new Failure({
    code: 'config.module-broken',
    message: `The probe ${name} can't be used: ${detail}.`,
    hint: 'CONTRIBUTING.md says what a probe folder holds.',
  })
}
