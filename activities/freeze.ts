// The measured half of a plan: what of a playbook the evidence bears out. Pure.
import type { Evidence, FactValue, Scalar } from '../domain/evidence.ts'
import type { EvidenceId } from '../domain/ids.ts'
import type { InventoryHost } from '../domain/inventory.ts'
import type { Change, Plan, Precondition, Provenance } from '../domain/plan.ts'
import type { Effect, Param, Playbook, Signature } from '../domain/playbook.ts'
import { bind, bindText, evaluate, type Finding, type Params, reading } from '../domain/predicate.ts'
import { touchProblem } from '../domain/touch.ts'
import type { Planned } from './types.ts'
import { seen } from './words.ts'

export type Frozen = { readonly kind: 'frozen' } & Pick<
  Plan,
  'params' | 'provenance' | 'signature' | 'because' | 'evidence' | 'preconditions' | 'preview'
>

type Wanted = { readonly signature: string | null; readonly params: Params; readonly host: InventoryHost }

export function freeze(
  playbook: Playbook,
  wanted: Wanted,
  evidence: readonly Evidence[],
): Frozen | Extract<Planned, { kind: 'not-applicable' }> {
  const computed = computeParams(playbook, wanted, evidence)
  if ('missing' in computed) return { kind: 'not-applicable', says: `${computed.missing} could not be measured.` }
  const { params, provenance } = computed
  const preconditions = playbook.preconditions.map((predicate) => evaluate(bind(predicate, params), evidence))
  const failing = preconditions.find((finding) => finding.answer !== 'holds')
  if (failing !== undefined) return { kind: 'not-applicable', says: preconditionSays(playbook, failing) }
  const preview = playbook.effects.map((effect) => changeOf(effect, params, evidence))
  const strange = preview.flatMap(({ touches }) => touches).find((touch) => touchProblem(touch) !== null)
  if (strange !== undefined)
    return { kind: 'not-applicable', says: `${playbook.id} may not touch ${strange.name}: ${touchProblem(strange)}.` }
  const fault = knownFault(playbook, wanted, evidence)
  return {
    kind: 'frozen',
    params,
    provenance,
    signature: fault?.signature.id ?? null,
    because: fault === null ? 'No known fault fully holds.' : bindText(fault.signature.says, params),
    evidence: cited([...preconditions, ...(fault?.findings ?? [])]),
    preconditions: preconditions.map(asPrecondition),
    preview,
  }
}

type Computed =
  | { readonly params: Params; readonly provenance: Readonly<Record<string, Provenance>> }
  | { readonly missing: string }

function computeParams({ id, params: declared }: Playbook, wanted: Wanted, evidence: readonly Evidence[]): Computed {
  const params: Record<string, Scalar> = {}
  const provenance: Record<string, Provenance> = {}
  for (const param of declared) {
    const found = valueOf(param, { ...wanted, params: { ...wanted.params, ...params } }, evidence)
    if (found === null) return { missing: `The value of ${param.name} for ${id}` }
    params[param.name] = found.value
    provenance[param.name] = { class: param.provenance, origin: found.origin ?? `${id}/${param.name}` }
  }
  return { params, provenance }
}

type Found = { readonly value: Scalar; readonly origin: string | null }

function valueOf(param: Param, { params, host }: Wanted, evidence: readonly Evidence[]): Found | null {
  if (param.provenance !== 'computed') {
    const value = params[param.name]
    if (value === undefined) return null
    return { value, origin: param.provenance === 'inventory' ? `${host.id}/${param.from}/${value}` : null }
  }
  const { observed, evidence: origin } = evaluate(bind(reading(param), params), evidence)
  const scalar = typeof observed === 'string' || typeof observed === 'number' || typeof observed === 'boolean'
  return scalar && origin !== null ? { value: observed, origin } : null
}

function knownFault({ signatures }: Playbook, { signature: id, params }: Wanted, evidence: readonly Evidence[]) {
  const signature: Signature | undefined = signatures.find((one) => one.id === id)
  if (signature === undefined) return null
  const all = signature.all.map((predicate) => evaluate(bind(predicate, params), evidence))
  const none = signature.none.map((predicate) => evaluate(bind(predicate, params), evidence))
  const holds = all.every((one) => one.answer === 'holds') && none.every((one) => one.answer === 'fails')
  return holds ? { signature, findings: [...all, ...none] } : null
}

/** Every item of a list is shown to whoever approves, and hashed; a probe lists a hundred at most. */
export function changeOf(effect: Effect, params: Params, evidence: readonly Evidence[]): Change {
  const { says, list, touches, listed, reversible } = effect
  const items = list === null ? [] : asList(evaluate(bind(reading(list), params), evidence).observed)
  const named = touches.map(({ kind, name }) => ({ kind, name: bindText(name, params) }))
  const each = listed === null ? [] : items.map((item) => ({ kind: listed, name: String(item) }))
  return { says: bindText(says, params), items, touches: [...named, ...each], reversible }
}

function asList(value: FactValue): readonly Scalar[] {
  if (value === null) return []
  return typeof value === 'object' ? value : [value]
}

function asPrecondition({ predicate, observed, evidence }: Finding): Precondition {
  return { predicate, observed, evidence }
}

function preconditionSays({ id }: Playbook, { predicate, observed }: Finding): string {
  return `${id} does not apply: it needs that ${predicate.says}, and what was seen is ${seen(observed)}.`
}

function cited(findings: readonly Finding[]): readonly EvidenceId[] {
  return [...new Set(findings.flatMap(({ evidence }) => (evidence === null ? [] : [evidence])))]
}
