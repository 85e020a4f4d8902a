// A typed condition over one fact. Three answers: what was not seen is unknown, and unknown never counts as holding.
import { type Evidence, type FactValue, type ProbeRequest, type Scalar, sameRequest } from './evidence.ts'
import type { EvidenceId } from './ids.ts'

export type Comparison =
  | { readonly op: 'is' | 'isNot' | 'includes' | 'excludes'; readonly value: Scalar }
  | { readonly op: 'atLeast' | 'atMost'; readonly value: number }
  | { readonly op: 'oneOf'; readonly value: readonly Scalar[] }

/** Values of `params` that are `$name` stand for the playbook's parameter of that name until `bind` fills them in. */
export type Predicate = ProbeRequest & {
  readonly fact: string
  readonly test: Comparison
  /**
   * The condition in words for people, written so that it is true when the condition holds: "the configuration is
   * valid".
   */
  readonly says: string
}

export type Finding = {
  readonly predicate: Predicate
  readonly answer: 'holds' | 'fails' | 'unknown'
  /** What was seen; null when nothing was. */
  readonly observed: FactValue
  readonly evidence: EvidenceId | null
}

/** Parameter values of one candidate plan, by name. */
export type Params = Readonly<Record<string, Scalar>>

/**
 * The predicate with every `$name` of its probe parameters, value and words replaced. Unknown names stay as they are.
 */
export function bind(predicate: Predicate, params: Params): Predicate {
  const probeParams = Object.fromEntries(
    Object.entries(predicate.params).map(([key, value]) => [key, bindValue(value, params)]),
  )
  return {
    ...predicate,
    params: probeParams,
    test: bindTest(predicate.test, params),
    says: bindText(predicate.says, params),
  }
}

/** A fact that is only read: the predicate says nothing about its value. */
export function reading({ probe, params, fact }: ProbeRequest & { readonly fact: string }): Predicate {
  return { probe, params, fact, test: { op: 'isNot', value: '' }, says: '' }
}

/** Replaces `$name` in a sentence. */
export function bindText(text: string, params: Params): string {
  return text.replaceAll(/\$([a-zA-Z]+)/g, (whole, name: string) => String(params[name] ?? whole))
}

function bindValue(value: Scalar, params: Params): Scalar {
  if (typeof value !== 'string' || !value.startsWith('$')) return value
  return params[value.slice(1)] ?? value
}

function bindTest(test: Comparison, params: Params): Comparison {
  switch (test.op) {
    case 'is':
    case 'isNot':
    case 'includes':
    case 'excludes':
      return { op: test.op, value: bindValue(test.value, params) }
    case 'oneOf':
    case 'atLeast':
    case 'atMost':
      return test
  }
}

/** Looks the predicate up in the evidence; the newest answer to the same request counts. */
export function evaluate(predicate: Predicate, evidence: readonly Evidence[]): Finding {
  const item = evidence.findLast((one) => sameRequest(one.request, predicate))
  if (item === undefined) return { predicate, answer: 'unknown', observed: null, evidence: null }
  const observed = item.outcome.status === 'ok' ? (item.outcome.facts[predicate.fact] ?? null) : null
  const answer = observed === null ? 'unknown' : compare(observed, predicate.test)
  return { predicate, answer, observed, evidence: item.id }
}

function compare(observed: Exclude<FactValue, null>, test: Comparison): 'holds' | 'fails' | 'unknown' {
  switch (test.op) {
    case 'is':
      return verdict(observed === test.value)
    case 'isNot':
      return verdict(observed !== test.value)
    case 'oneOf':
      return isList(observed) ? 'unknown' : verdict(test.value.includes(observed))
    case 'atLeast':
      return typeof observed === 'number' ? verdict(observed >= test.value) : 'unknown'
    case 'atMost':
      return typeof observed === 'number' ? verdict(observed <= test.value) : 'unknown'
    case 'includes':
      return isList(observed) ? verdict(observed.includes(test.value)) : 'unknown'
    case 'excludes':
      return isList(observed) ? verdict(!observed.includes(test.value)) : 'unknown'
  }
}

function verdict(holds: boolean): 'holds' | 'fails' {
  return holds ? 'holds' : 'fails'
}

function isList(value: FactValue): value is readonly Scalar[] {
  return Array.isArray(value)
}
