// What of an incident a plan is about. The rest must be well before the incident ends, but says nothing of the plan.
import { type InventoryHost, namesAbout, type Subject } from '../domain/inventory.ts'
import type { Plan } from '../domain/plan.ts'
import type { Playbook } from '../domain/playbook.ts'
import { subjectEndpoints, subjectUnits } from './baseline.ts'

/** What the plan's parameters name of the inventory. */
export function subjectsOf({ params }: Playbook, plan: Plan): readonly Subject[] {
  return params.flatMap((param): readonly Subject[] => {
    const value = plan.params[param.name]
    return param.provenance === 'inventory' && typeof value === 'string' ? [{ kind: param.from, name: value }] : []
  })
}

/** Whether both are about a common unit, endpoint or mount; an endpoint is about the unit behind it, too. */
export function sameMatter(host: InventoryHost, some: readonly Subject[], others: readonly Subject[]): boolean {
  const matters = matterOf(host, others)
  return matterOf(host, some).some((one) => matters.includes(one))
}

function matterOf(host: InventoryHost, subjects: readonly Subject[]): readonly string[] {
  const mounts = namesAbout('mount', { host, subjects }).map((mount) => `mount ${mount}`)
  const units = subjectUnits({ host, subjects }).map((unit) => `unit ${unit}`)
  return [...units, ...subjectEndpoints({ host, subjects }).map((endpoint) => `endpoint ${endpoint}`), ...mounts]
}
