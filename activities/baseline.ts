// What is looked at whatever the alert says: enough for people to go on with when no known fault holds.
import { distinctRequests, type ProbeRequest } from '../domain/evidence.ts'
import { declaredNames, type InventoryHost, namesAbout, type Subject } from '../domain/inventory.ts'

/** Lines of each unit's journal and of each mount's logs. */
const lines = 40

/** What anybody would ask first. One look has a limit, so the journal comes before what seldom decides. */
const [firstOfUnit, lastOfUnit] = [
  ['unit-status', 'listeners', 'unit-processes', 'unit-start'],
  ['unit-limits', 'named-paths', 'config-changes', 'oom-events', 'certificates', 'connections'],
]

export type Looked = { readonly host: InventoryHost; readonly subjects: readonly Subject[] }

/** The units that the alerts are about: named, or behind an endpoint. */
export function subjectUnits(looked: Looked): readonly string[] {
  const declared = declaredNames(looked.host, 'unit')
  return namesAbout('unit', looked).filter((name) => declared.includes(name))
}

/** The endpoints that the alerts are about: named, or served by a unit that is. */
export function subjectEndpoints(looked: Looked): readonly string[] {
  const units = subjectUnits(looked)
  const served = looked.host.endpoints.filter((one) => one.unit !== null && units.includes(one.unit))
  return [...new Set([...namesAbout('endpoint', looked), ...served.map((one) => one.id)])]
}

/** What is asked of units that no alert names: the cause of a page that fails often lies in the program behind it. */
const ofNeighbour = ['unit-status', 'listeners', 'unit-processes', 'unit-start', 'unit-limits'] as const
/** So many of them; their journals have so many lines. */
const [maximumNeighbours, neighbourLines] = [6, 20]

/** What the machine itself is asked, whatever the alert says: what everything on it needs. */
const ofMachine = [
  'failed-units',
  'recent-changes',
  'top-processes',
  'memory',
  'filesystems',
  'name-servers',
  'network',
  'lock-files',
  'time-status',
] as const

/** Where the alerts name no unit, all declared ones are looked at. */
export function baselineRequests(looked: Looked): readonly ProbeRequest[] {
  const { host } = looked
  const named = subjectUnits(looked)
  const units = named.length > 0 ? named : host.units.map((unit) => unit.name)
  const neighbours = host.units.map((unit) => unit.name).filter((name) => !units.includes(name))
  const asked = neighbours.slice(0, maximumNeighbours)
  return distinctRequests([
    ...ofMachine.map((probe) => ({ probe, params: {} })),
    ...host.mounts.map(({ id }) => ({ probe: 'disk-usage', params: { mount: id } })),
    ...host.mounts.map(({ id }) => ({ probe: 'recent-logs', params: { mount: id, lines } })),
    ...host.endpoints.map(({ id }) => ({ probe: 'http-probe', params: { endpoint: id } })),
    ...units.flatMap((unit) => firstOfUnit.map((probe) => ({ probe, params: { unit } }))),
    ...units.map((unit) => ({ probe: 'journal', params: { unit, lines } })),
    ...units.flatMap((unit) => lastOfUnit.map((probe) => ({ probe, params: { unit } }))),
    ...asked.flatMap((unit) => ofNeighbour.map((probe) => ({ probe, params: { unit } }))),
    ...asked.map((unit) => ({ probe: 'journal', params: { unit, lines: neighbourLines } })),
  ])
}
