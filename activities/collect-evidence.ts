// Step 6: the evidence pack. What matching, planning and verifying will ask for, and a baseline, in one exchange with
// the host.
import { distinctRequests, type Evidence } from '../domain/evidence.ts'
import { Failure } from '../domain/failure.ts'
import type { InventoryHost, InventorySnapshot } from '../domain/inventory.ts'
import type { Catalogue } from '../domain/playbook.ts'
import { requestsOf } from '../domain/signature.ts'
import type { Probes } from '../probes/load.ts'
import type { Store } from '../store/connect.ts'
import { saveEvidence, takenFrom } from '../store/evidence.ts'
import { readRound, readSubjects } from '../store/incident.ts'
import type { AskHost } from './ask-host.ts'
import type { AskStores } from './ask-stores.ts'
import { baselineRequests } from './baseline.ts'
import type { Collected, HandsActivities } from './types.ts'

export type CollectDeps = {
  readonly store: Store
  readonly catalogue: () => Catalogue
  readonly inventory: () => InventorySnapshot
  readonly probes: Probes
  readonly askHost: AskHost
  /** Named metric queries that are asked beside the host; absent: there are none. */
  readonly metrics?: { readonly ask: AskStores; readonly queries: readonly string[] }
}

/** Now against so many minutes ago; so many queries at most. */
const [ago, maximumQueries] = [60, 8]

/**
 * A round that stands already is answered from the store: asked again after a lost worker, the host is not asked
 * twice.
 */
export function createCollectEvidence(deps: CollectDeps): HandsActivities['collectEvidence'] {
  return async ({ incident, host: hostId, round }) => {
    const [before, subjects] = await Promise.all([
      readRound(deps.store, incident, round),
      readSubjects(deps.store, incident),
    ])
    if (before.length > 0) return collected(before, 0)
    const host = inventoryHost(deps.inventory(), hostId)
    const scope = { host, subjects }
    const wanted = [...requestsOf(deps.catalogue().playbooks, scope), ...baselineRequests(scope)]
    const known = distinctRequests(wanted).filter(({ probe }) => deps.probes.byName.has(probe))
    const began = performance.now()
    const queries = deps.metrics?.queries.slice(0, maximumQueries) ?? []
    const questions = queries.map((query) => ({ kind: 'metrics', query, contains: null, minutes: ago }) as const)
    const [seen, told] = await Promise.all([deps.askHost(host, known), deps.metrics?.ask(questions, scope) ?? []])
    const evidence = [...seen, ...told]
    const milliseconds = Math.round(performance.now() - began)
    const written = await saveEvidence(deps.store, { incident, round }, takenFrom(hostId, evidence))
    return collected(written ? evidence : await readRound(deps.store, incident, round), milliseconds)
  }
}

/** Throws `input.not-found`. */
export function inventoryHost(inventory: InventorySnapshot, id: string): InventoryHost {
  const host = inventory.hosts.find((one) => one.id === id)
  if (host !== undefined) return host
  throw new Failure({ code: 'input.not-found', message: `The host ${id} does not stand in the inventory.` })
}

function collected(evidence: readonly Evidence[], milliseconds: number): Collected {
  const ofHost = evidence.filter(({ request }) => request.probe !== 'metrics')
  const failures = ofHost.flatMap(({ outcome }) => (outcome.status === 'failed' ? [outcome] : []))
  return {
    evidence: evidence.map((one) => one.id),
    failed: failures.length,
    milliseconds,
    unreachable: failures.length === ofHost.length ? nothingRead(failures[0]) : null,
  }
}

type Failed = Extract<Evidence['outcome'], { status: 'failed' }>

/**
 * Why nothing at all could be read. A host whose program refuses or breaks every question is as good as unreachable.
 */
function nothingRead(failure: Failed | undefined): Collected['unreachable'] {
  const says = failure?.message ?? 'Nothing was asked.'
  return { reason: failure?.reason === 'wrong-key' ? 'wrong-key' : 'unreachable', says }
}
