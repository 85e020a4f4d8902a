// What "well" means for the things that alerts are about, as predicates over probes.
import { canonicalJson } from '../domain/canonical-json.ts'
import type { ProbeRequest } from '../domain/evidence.ts'
import { declaredKinds, declaredNames, type InventoryHost, namesAbout } from '../domain/inventory.ts'
import type { Comparison, Predicate } from '../domain/predicate.ts'
import { type Looked, subjectEndpoints, subjectUnits } from './baseline.ts'

/** A mount that is fuller is not well, whatever its alert says. */
const fullestPercent = 95

/**
 * Where the alerts name nothing, everything that is declared for the host must be well. Nothing declared: nothing to
 * judge by.
 */
export function healthPredicates(looked: Looked): readonly Predicate[] {
  const { host } = looked
  const subjects = looked.subjects.length === 0 ? everything(host) : looked.subjects
  return [
    ...subjectUnits({ host, subjects }).flatMap((unit) => unitPredicates(host, unit)),
    ...subjectEndpoints({ host, subjects }).map((endpoint) => endpointPredicate(endpoint)),
    ...namesAbout('mount', { host, subjects }).map((mount) => mountPredicate(mount)),
  ]
}

/** Each condition once; the first wording stays. */
export function distinctPredicates(predicates: readonly Predicate[]): readonly Predicate[] {
  const key = ({ probe, params, fact, test }: Predicate): string => canonicalJson({ probe, params, fact, test })
  const keys = predicates.map(key)
  return predicates.filter((predicate, at) => keys.indexOf(key(predicate)) === at)
}

function everything(host: InventoryHost): Looked['subjects'] {
  return declaredKinds.flatMap((kind) => declaredNames(host, kind).map((name) => ({ kind, name })))
}

function unitPredicates(host: InventoryHost, unit: string): readonly Predicate[] {
  const status = { probe: 'unit-status', params: { unit } }
  const active = condition(status, 'activeState', { op: 'is', value: 'active', says: `${unit} is active` })
  const ports = host.units.find((one) => one.name === unit)?.ports ?? []
  if (ports.length === 0) return [active]
  const says = `${unit} listens on its ports`
  return [active, condition({ probe: 'listeners', params: { unit } }, 'allListening', { op: 'is', value: true, says })]
}

function endpointPredicate(endpoint: string): Predicate {
  const says = `${endpoint} answers`
  return condition({ probe: 'http-probe', params: { endpoint } }, 'ok', { op: 'is', value: true, says })
}

function mountPredicate(mount: string): Predicate {
  const says = `${mount} is at most ${fullestPercent} % full`
  return condition({ probe: 'disk-usage', params: { mount } }, 'usedPercent', {
    op: 'atMost',
    value: fullestPercent,
    says,
  })
}

function condition(request: ProbeRequest, fact: string, { says, ...test }: Comparison & { says: string }): Predicate {
  return { ...request, fact, test, says }
}
