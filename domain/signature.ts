// Recognising a known fault: which playbook's signature fully holds, and why not the others.
import {
  type Evidence,
  type FactValue,
  type ProbeRequest,
  type Scalar,
  distinctRequests,
  requestSays,
} from './evidence.ts'
import { type DeclaredKind, declaredNames, type InventoryHost, namesAbout, type Subject } from './inventory.ts'
import type { Param, Playbook, Signature } from './playbook.ts'
import { bind, bindText, evaluate, type Finding, type Params, type Predicate, reading } from './predicate.ts'
import { listed } from './text.ts'

/** At most this many parameter assignments are tried for a playbook. */
export const maximumCandidates = 16

/** So many measurements that could not be had are named, each reason with so many characters at most. */
const maximumUnseen = 5
const maximumReason = 200

export type Match = {
  readonly playbook: string
  readonly signature: string
  /** The fault in words, bound to the parameters. */
  readonly says: string
  readonly params: Params
  readonly findings: readonly Finding[]
}

/** A signature that does not hold, with the findings that say why. */
export type Rejection = {
  readonly playbook: string
  readonly signature: string
  readonly params: Params
  readonly because: readonly Finding[]
}

export type Recognition =
  | { readonly kind: 'one'; readonly match: Match; readonly rejected: readonly Rejection[] }
  | { readonly kind: 'none'; readonly rejected: readonly Rejection[] }
  | { readonly kind: 'several'; readonly matches: readonly Match[]; readonly rejected: readonly Rejection[] }

type Scope = { readonly host: InventoryHost; readonly subjects: readonly Subject[] }

/** Every assignment of inventory parameters that the alerts allow; fixed ones are filled in, computed ones left out. */
export function candidates(params: readonly Param[], scope: Scope): readonly Params[] {
  const seed: readonly Params[] = [{}]
  return params.reduce((found, param) => {
    const values = valuesOf(param, scope)
    // Cut at each step: the whole product is never made.
    return found.flatMap((one) => values.map((value) => ({ ...one, [param.name]: value }))).slice(0, maximumCandidates)
  }, seed)
}

/** What signatures were not compared with, because there are more assignments than the limit: said with their count. */
export function untried(playbooks: readonly Playbook[], scope: Scope): readonly string[] {
  const says = playbooks.flatMap(({ params, signatures }) => {
    const all = params.reduce((product, param) => product * valuesOf(param, scope).length, 1)
    if (signatures.length === 0 || all <= maximumCandidates) return []
    const names = params.flatMap(({ name, provenance }) => (provenance === 'inventory' ? [name] : []))
    const left = `${all - maximumCandidates} of ${all} values of ${listed(names)}`
    return [`${left}, for only ${maximumCandidates} are compared at a time`]
  })
  return [...new Set(says)].slice(0, maximumUnseen)
}

function valuesOf(param: Param, scope: Scope): readonly Scalar[] {
  switch (param.provenance) {
    case 'inventory':
      return inventoryValues(param.from, scope)
    case 'enum':
    case 'bounded-int':
      return [param.value]
    case 'computed':
      return [`$${param.name}`]
  }
}

/** What the alerts name; where they name nothing of that kind, what the inventory declares for the host. */
function inventoryValues(kind: DeclaredKind, scope: Scope): readonly string[] {
  const named = namesAbout(kind, scope)
  return named.length > 0 ? named : declaredNames(scope.host, kind)
}

/** Every read that matching, planning and verifying these playbooks needs, each once. */
export function requestsOf(playbooks: readonly Playbook[], scope: Scope): readonly ProbeRequest[] {
  const requests = playbooks.flatMap((playbook) =>
    candidates(playbook.params, scope).flatMap((params) =>
      predicatesOf(playbook).map((predicate) => request(bind(predicate, params))),
    ),
  )
  return distinctRequests(requests)
}

function predicatesOf(playbook: Playbook): readonly Predicate[] {
  const listed = playbook.effects.flatMap((effect) => (effect.list === null ? [] : [reading(effect.list)]))
  const computed = playbook.params.flatMap((param) => (param.provenance === 'computed' ? [reading(param)] : []))
  const matched = playbook.signatures.flatMap((signature) => [...signature.all, ...signature.none])
  return [...matched, ...playbook.preconditions, ...playbook.verify.predicates, ...listed, ...computed]
}

function request({ probe, params }: ProbeRequest): ProbeRequest {
  return { probe, params }
}

/** Matches all signatures of the playbooks against one round of evidence. */
export function recognise(playbooks: readonly Playbook[], scope: Scope, evidence: readonly Evidence[]): Recognition {
  const judged = playbooks.flatMap((playbook) =>
    candidates(playbook.params, scope).flatMap((params) =>
      playbook.signatures.map((signature) => judge({ playbook, signature, params, evidence })),
    ),
  )
  const rejected = judged.flatMap((one) => (one.kind === 'rejected' ? [one.rejection] : []))
  const matches = distinctMatches(judged.flatMap((one) => (one.kind === 'matched' ? [one.match] : [])))
  const [first, ...others] = matches
  if (first === undefined) return { kind: 'none', rejected }
  return others.length === 0 ? { kind: 'one', match: first, rejected } : { kind: 'several', matches, rejected }
}

type Case = {
  readonly playbook: Playbook
  readonly signature: Signature
  readonly params: Params
  readonly evidence: readonly Evidence[]
}

type Judgement =
  | { readonly kind: 'matched'; readonly match: Match }
  | { readonly kind: 'rejected'; readonly rejection: Rejection }

function judge({ playbook, signature, params, evidence }: Case): Judgement {
  const all = signature.all.map((predicate) => evaluate(bind(predicate, params), evidence))
  const none = signature.none.map((predicate) => evaluate(bind(predicate, params), evidence))
  const because = [...all.filter((one) => one.answer !== 'holds'), ...none.filter((one) => one.answer !== 'fails')]
  const named = { playbook: playbook.id, signature: signature.id, params }
  if (because.length > 0) return { kind: 'rejected', rejection: { ...named, because } }
  return { kind: 'matched', match: { ...named, says: bindText(signature.says, params), findings: [...all, ...none] } }
}

/**
 * Which measurements could not be had, and why, where nothing else speaks against a known fault: "probe: why", each
 * once.
 */
export function unseen(rejected: readonly Rejection[], evidence: readonly Evidence[]): readonly string[] {
  const near = rejected.flatMap(({ because }) => {
    const failed = because.map((finding) => failureOf(finding, evidence))
    return failed.includes(null) ? [] : failed.filter((one) => one !== null)
  })
  const asked = near.flatMap((one) => (one.why === null ? [] : [`${one.request.probe}: ${one.why}`]))
  const never = distinctRequests(near.flatMap((one) => (one.why === null ? [one.request] : [])))
  return [...notAsked(never), ...new Set(asked)].slice(0, maximumUnseen)
}

function notAsked([first, ...others]: readonly ProbeRequest[]): readonly string[] {
  if (first === undefined) return []
  const were = others.length === 0 ? 'question was' : 'questions were'
  return [`${1 + others.length} ${were} not asked, the first of them ${requestSays(first)}`]
}

type Failed = {
  readonly request: ProbeRequest
  /** Null: it was never asked, because one look has a limit. */
  readonly why: string | null
}

/** Null where the probe answered, even if without that fact: then it was measured. */
function failureOf({ predicate, answer, evidence: id }: Finding, evidence: readonly Evidence[]): Failed | null {
  if (answer !== 'unknown') return null
  if (id === null) return { request: request(predicate), why: null }
  const item = evidence.find((one) => one.id === id)
  if (item?.outcome.status !== 'failed') return null
  return { request: item.request, why: item.outcome.message.slice(0, maximumReason) }
}

/** A unit is in such a state on its way to another one: a moment later there is something to recognise. */
const passingStates: ReadonlySet<FactValue> = new Set(['activating', 'deactivating', 'reloading', 'refreshing'])

/**
 * Whether nothing speaks against a known fault but a state that passes by itself, and what else the same answer said
 * while it lasted.
 */
export function isPassing(rejected: readonly Rejection[]): boolean {
  return rejected.some(({ because }) => {
    const against = because.filter(({ answer }) => answer !== 'unknown')
    const state = against.find(({ predicate, observed }) => isBetween(predicate, observed))
    return state !== undefined && against.every(({ evidence }) => evidence === state.evidence)
  })
}

function isBetween({ fact }: Predicate, observed: FactValue): boolean {
  return fact === 'activeState' && passingStates.has(observed)
}

/** Two signatures of one playbook with the same parameters are one answer, not an ambiguity. */
function distinctMatches(matches: readonly Match[]): readonly Match[] {
  const same = (a: Match, b: Match): boolean => a.playbook === b.playbook && sameParams(a.params, b.params)
  return matches.filter((match, at) => matches.findIndex((other) => same(other, match)) === at)
}

function sameParams(a: Params, b: Params): boolean {
  return Object.keys(a).every((key) => a[key] === b[key])
}
