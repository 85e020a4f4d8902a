// A playbook's `manifest.yml`: a closed schema, written for people, parsed once into the domain's words.
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { sameRequest } from '../domain/evidence.ts'
import { declaredKinds } from '../domain/inventory.ts'
import { personName } from '../domain/person.ts'
import type { Comparison, Predicate } from '../domain/predicate.ts'
import { type Effect, type Param, type Playbook, weekdays } from '../domain/playbook.ts'
import { touchKinds } from '../domain/touch.ts'
import { TouchesText, touchProblems } from './touches.ts'
import { invalid, parseYaml } from './yaml-file.ts'

/** What a manifest says; digest and modes come from the lock and the config. */
export type Manifest = Omit<Playbook, 'digest' | 'modes'> & {
  /** Whether a run that changed nothing is a failure. */
  readonly expectChanged: boolean
}

/** The longest hard time-out: the certificate of a run lives 60 s longer and at most 10 minutes. */
export const longestHardTimeoutSeconds = 540

const slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected lower-case letters, digits and dashes')
const author = z.string().regex(personName, 'expected the name that a person logs in with')
const word = z.string().regex(/^[a-z][a-zA-Z]{0,31}$/, 'expected a name in letters, beginning with a small one')
const sentence = z.string().min(1, 'expected a sentence').max(400, 'expected at most 400 characters')
const scalar = z.union([z.string().max(256), z.number(), z.boolean()], 'expected text, a number or a boolean')
const seconds = z.int().min(0).max(86_400)

const Reading = { probe: slug, params: z.record(word, scalar).default({}), fact: word }

const comparisons = ['is', 'isNot', 'atLeast', 'atMost', 'oneOf', 'includes', 'excludes'] as const

const PredicateText = z
  .strictObject({
    ...Reading,
    is: scalar.optional(),
    isNot: scalar.optional(),
    atLeast: z.number().optional(),
    atMost: z.number().optional(),
    oneOf: z.array(scalar).min(1).max(32).optional(),
    includes: scalar.optional(),
    excludes: scalar.optional(),
    says: sentence,
  })
  .transform((text, context): Predicate => {
    const { probe, params, fact, says } = text
    const [test, ...others] = comparisons.flatMap((op) => comparison(op, text[op]))
    if (test === undefined || others.length > 0) {
      context.addIssue({ code: 'custom', message: `expected exactly one of ${comparisons.join(', ')}` })
      return z.NEVER
    }
    return { probe, params, fact, test, says }
  })

type Scalars = z.output<typeof scalar>

function comparison(op: Comparison['op'], value: Scalars | readonly Scalars[] | undefined): readonly Comparison[] {
  if (value === undefined) return []
  if (op === 'oneOf') return Array.isArray(value) ? [{ op, value: [...value] }] : []
  if (typeof value === 'object') return []
  if (op === 'atLeast' || op === 'atMost') return typeof value === 'number' ? [{ op, value }] : []
  return [{ op, value }]
}

const ParamText = z.discriminatedUnion('provenance', [
  z.strictObject({ name: word, provenance: z.literal('inventory'), from: z.enum(declaredKinds) }),
  z.strictObject({ name: word, provenance: z.literal('enum'), values: z.array(slug).min(1).max(32), value: slug }),
  z.strictObject({
    name: word,
    provenance: z.literal('bounded-int'),
    minimum: z.int(),
    maximum: z.int(),
    value: z.int(),
  }),
  z.strictObject({ name: word, provenance: z.literal('computed'), ...Reading }),
])

const SignatureText = z.strictObject({
  id: slug,
  says: sentence,
  all: z.array(PredicateText).min(1).max(16),
  none: z.array(PredicateText).max(16).default([]),
})

const EffectText = z
  .strictObject({
    says: sentence,
    list: z.strictObject(Reading).nullable().default(null),
    touches: TouchesText,
    reversible: z.boolean(),
  })
  .transform(({ touches: { listed = null, ...named }, ...text }): Effect => ({
    ...text,
    touches: touchKinds.flatMap((kind) => (named[kind] === undefined ? [] : [{ kind, name: named[kind] }])),
    listed,
  }))

const WindowText = z
  .strictObject({
    days: z
      .array(z.enum(weekdays, `expected days out of ${weekdays.join(', ')}`))
      .min(1)
      .max(7)
      .default([...weekdays]),
    from: z.int().min(0).max(23),
    to: z.int().min(1).max(24),
  })
  .refine(({ from, to }) => from < to, 'expected `from` to be before `to`; one over midnight is two')

/** What is not said otherwise. */
const hostsPerHour = 100

const ManifestText = z.strictObject({
  apiVersion: z.literal('millwright/v1', 'expected millwright/v1'),
  kind: z.literal('Playbook', 'expected Playbook'),
  id: slug,
  version: z.string().regex(/^\d{1,4}\.\d{1,4}\.\d{1,4}$/, 'expected a semantic version such as 1.0.0'),
  title: sentence.max(80),
  wants: sentence.max(120),
  owner: slug,
  authors: z.array(author).max(16).default([]),
  whenToUse: sentence,
  whenNotToUse: sentence,
  tier: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)], 'expected a tier from 0 to 3'),
  params: z.array(ParamText).max(8).default([]),
  signatures: z.array(SignatureText).max(8).default([]),
  preconditions: z.array(PredicateText).min(1, 'expected at least one precondition').max(16),
  effects: z.array(EffectText).min(1, 'expected at least one effect').max(8),
  verify: z.strictObject({
    settleSeconds: seconds.min(1),
    soakSeconds: seconds.min(1),
    predicates: z.array(PredicateText).min(1, 'expected at least one check').max(16),
  }),
  undo: z
    .union(
      [z.literal('play'), z.strictObject({ none: sentence })],
      'expected `play` (with an undo.yml) or `none: <reason>`',
    )
    .transform((undo) => (undo === 'play' ? { kind: 'play' as const } : { kind: 'none' as const, reason: undo.none })),
  limits: z.strictObject({ perHostHour: z.int().min(1).max(20), cooldownSeconds: seconds }),
  blastRadius: z.strictObject({ hostsPerHour: z.int().min(1).max(1_000) }).default({ hostsPerHour }),
  conflicts: z.array(slug).max(16).default([]),
  windows: z.array(WindowText).max(8).default([]),
  expectChanged: z.boolean().default(true),
  hardTimeoutSeconds: z.int().min(5).max(longestHardTimeoutSeconds),
})

/** Parses and checks one manifest. Throws `catalogue.invalid` naming the line, the key and what was expected. */
export function parseManifest(file: string, text: string): Manifest {
  const { apiVersion: _, kind: __, ...manifest } = parseYaml(file, text, ManifestText)
  const problem = [
    ...paramProblems(manifest.params),
    ...referenceProblems(manifest),
    ...nameProblems(manifest),
    ...touchProblems(manifest),
  ][0]
  if (problem !== undefined) throw invalid(file, null, problem)
  return { ...manifest, preconditions: [...manifest.preconditions, ...unchanged(manifest)] }
}

/**
 * What was computed for a plan must be the same right before the run, like every precondition: a value that has changed
 * since is another plan.
 */
function unchanged({ params, preconditions }: Pick<Manifest, 'params' | 'preconditions'>): readonly Predicate[] {
  return params.flatMap((param): readonly Predicate[] => {
    if (param.provenance !== 'computed') return []
    const { name, probe, params: asked, fact } = param
    const test = { op: 'is', value: `$${name}` } as const
    const isSaid = preconditions.some(
      (one) => sameRequest(one, { probe, params: asked }) && one.fact === fact && isDeepStrictEqual(one.test, test),
    )
    return isSaid ? [] : [{ probe, params: asked, fact, test, says: `${name} is still $${name}` }]
  })
}

function paramProblems(params: readonly Param[]): readonly string[] {
  return params.flatMap((param) => {
    if (params.filter((other) => other.name === param.name).length > 1) {
      return [`params: expected ${param.name} once`]
    }
    if (param.provenance === 'enum' && !param.values.includes(param.value)) {
      return [`params.${param.name}.value: expected one of ${param.values.join(', ')}`]
    }
    if (param.provenance === 'bounded-int' && (param.value < param.minimum || param.value > param.maximum)) {
      return [`params.${param.name}.value: expected a number from ${param.minimum} to ${param.maximum}`]
    }
    return []
  })
}

type Named = Pick<Manifest, 'id' | 'conflicts' | 'signatures'>

function nameProblems({ id: own, conflicts, signatures }: Named): readonly string[] {
  const ids = signatures.map((signature) => signature.id)
  const twice = ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => `signatures: expected the id ${id} once`)
  // Its own lease would count, and it would be refused right before each run; how often it may run is in `limits`.
  const itself = conflicts.includes(own) ? [`conflicts: expected other playbooks than ${own} itself`] : []
  return [...twice, ...itself]
}

type Declared = Pick<Manifest, 'params' | 'signatures' | 'preconditions' | 'effects' | 'verify' | 'wants'>

/** Every `$name` in probe parameters, values and sentences is a declared parameter. */
function referenceProblems(manifest: Declared): readonly string[] {
  const known = new Set(manifest.params.map((param) => param.name))
  return textsOf(manifest).flatMap((text) =>
    [...text.matchAll(/\$([a-zA-Z]*)/g)]
      .filter(([, name]) => !known.has(name ?? ''))
      .map(([whole]) => `${whole} in “${text}”: expected the name of a declared parameter`),
  )
}

function textsOf({ params, signatures, preconditions, effects, verify, wants }: Declared): readonly string[] {
  const predicates = [
    ...signatures.flatMap((signature) => [...signature.all, ...signature.none]),
    ...preconditions,
    ...verify.predicates,
  ]
  const readings = [
    ...predicates,
    ...effects.flatMap((effect) => (effect.list === null ? [] : [effect.list])),
    ...params.flatMap((param) => (param.provenance === 'computed' ? [param] : [])),
  ]
  const values = [
    ...readings.flatMap((reading) => Object.values(reading.params)),
    ...predicates.flatMap(({ test }) => (typeof test.value === 'object' ? test.value : [test.value])),
  ]
  return [
    wants,
    ...signatures.map((signature) => signature.says),
    ...predicates.map((predicate) => predicate.says),
    ...effects.flatMap((effect) => [effect.says, ...effect.touches.map((touch) => touch.name)]),
    ...values.filter((value) => typeof value === 'string'),
  ]
}
