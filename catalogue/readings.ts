// What a manifest reads, against the probes that there are: each probe, parameter and fact exists, and each value is
// one that it can have.
import { z } from 'zod'
import { nearest } from '../domain/nearest.ts'
import type { Comparison, Predicate } from '../domain/predicate.ts'
import type { ProbeRequest } from '../domain/evidence.ts'
import type { Probe } from '../probes/probe.ts'
import { join } from 'node:path'
import type { Entry } from './entry.ts'
import type { Manifest } from './manifest.ts'
import { invalid, lineAt } from './yaml-file.ts'

/** One reading of a manifest, and where in the file it stands. */
type Reading = ProbeRequest & {
  readonly fact: string
  readonly test?: Comparison
  readonly isList?: true
  readonly path: readonly (string | number)[]
}

/** Throws `catalogue.invalid` with the first reading that no probe answers so. */
export function checkReadings(dir: string, { manifest, files }: Entry, probes: ReadonlyMap<string, Probe>): void {
  for (const reading of readingsOf(manifest)) {
    const says = problemOf(reading, probes)
    if (says === null) continue
    const text = files.find(({ path }) => path === 'manifest.yml')?.content ?? ''
    const line = lineAt(Buffer.from(text).toString('utf8'), reading.path)
    throw invalid(join(dir, manifest.id, 'manifest.yml'), line, `${reading.path.join('.')}: ${says}`)
  }
}

function readingsOf({ params, signatures, preconditions, effects, verify }: Manifest): readonly Reading[] {
  const at = (path: Reading['path']) => (predicate: Predicate, index: number) => ({
    ...predicate,
    path: [...path, index],
  })
  return [
    ...params.flatMap((param, index) =>
      param.provenance === 'computed' ? [{ ...param, path: ['params', index] }] : [],
    ),
    ...signatures.flatMap(({ all, none }, index) => [
      ...all.map(at(['signatures', index, 'all'])),
      ...none.map(at(['signatures', index, 'none'])),
    ]),
    ...preconditions.map(at(['preconditions'])),
    ...effects.flatMap(({ list }, index) =>
      list === null ? [] : [{ ...list, isList: true as const, path: ['effects', index, 'list'] }],
    ),
    ...verify.predicates.map(at(['verify', 'predicates'])),
  ]
}

function problemOf(reading: Reading, probes: ReadonlyMap<string, Probe>): string | null {
  const { probe, params, fact } = reading
  const found = probes.get(probe)
  if (found === undefined) return `there is no probe ${probe}${meant(probe, [...probes.keys()])}`
  const { params: asked, facts } = found
  const strange = Object.keys(params).find((key) => !Object.hasOwn(asked.shape, key))
  if (strange !== undefined) return `the probe ${probe} has no parameter ${strange}${meant(strange, keysOf(asked))}`
  const missing = keysOf(asked).find((key) => !Object.hasOwn(params, key))
  if (missing !== undefined) return `the probe ${probe} needs the parameter ${missing}`
  const wrong = Object.entries(params).find(([key, value]) => !canBe(asked.shape[key], value))
  if (wrong !== undefined) return `the probe ${probe} takes no ${wrong[0]} such as ${JSON.stringify(wrong[1])}`
  const type = facts.shape[fact]
  if (!Object.hasOwn(facts.shape, fact) || type === undefined) {
    return `the probe ${probe} has no fact ${fact}${meant(fact, keysOf(facts))}`
  }
  if (reading.isList === true && !canBe(type, [])) return `${fact} of ${probe} is no list`
  const never = reading.test === undefined ? undefined : impossible(type, reading.test)
  return never === undefined ? null : `${fact} of ${probe} can't be compared so: ${never}`
}

/** The comparison in words, and what was meant, when no value of the fact could ever answer it. */
function impossible(type: z.core.$ZodType, { op, value }: Comparison): string | undefined {
  const values = typeof value === 'object' ? value : [value]
  const known = wordsOf(type)
  const isKnown = (one: unknown) => known.length === 0 || typeof one !== 'string' || known.includes(one)
  const never = values.find(
    (one) => !canBe(type, op === 'includes' || op === 'excludes' ? [one] : one) || !(isParameter(one) || isKnown(one)),
  )
  if (never === undefined) return undefined
  const instead = isKnown(never) ? '' : meant(String(never), known) || `. There is: ${known.join(', ')}.`
  return `${op}: ${JSON.stringify(never)}${instead}`
}

/** The closed list of a fact's values; empty where it has none. */
function wordsOf(type: z.core.$ZodType): readonly string[] {
  if (type instanceof z.ZodNullable) return wordsOf(type.unwrap())
  if (type instanceof z.ZodEnum) return type.options.map(String)
  const known = z.globalRegistry.get(type)?.['words']
  return Array.isArray(known) ? known.map(String) : []
}

/** A `$name` stands for a parameter, whose value is known with a plan only. */
function isParameter(value: unknown): boolean {
  return typeof value === 'string' && value.startsWith('$')
}

function canBe(type: z.core.$ZodType | undefined, value: unknown): boolean {
  const [first] = Array.isArray(value) ? value : [value]
  if (type === undefined || isParameter(first)) return true
  return z.safeParse(type, value).success
}

function keysOf({ shape }: z.ZodObject): readonly string[] {
  return Object.keys(shape)
}

function meant(name: string, names: readonly string[]): string {
  const close = nearest(name, names)
  return close === null ? '' : `; did you mean ${close}?`
}
