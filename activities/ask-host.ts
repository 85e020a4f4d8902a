// Looks at a host: typed questions in one exchange, evidence back. A host that can't be read is evidence, too.
import type { Evidence, ProbeFailure, ProbeRequest } from '../domain/evidence.ts'
import { failureCode } from '../domain/failure.ts'
import type { InventoryHost } from '../domain/inventory.ts'
import type { Probes } from '../probes/load.ts'
import type { ReadConnections } from '../runtime/ssh.ts'
import { type Asked, evidenceOfReply, failedEvidence } from './host-reply.ts'

/** The host's program answers so many at once. */
const maximumPerExchange = 64
/** At most this many are asked; what is beyond counts as unseen where a known fault is looked for. */
const maximumRequests = 4 * maximumPerExchange

export type AskDeps = {
  readonly probes: Probes
  readonly ssh: Pick<ReadConnections, 'exchange'>
  readonly now: () => Date
}

/** Evidence for each request, in their order. Reading is safe to repeat. Never throws: failures are outcomes. */
export type AskHost = (
  host: InventoryHost,
  requests: readonly ProbeRequest[],
  signal?: AbortSignal,
) => Promise<readonly Evidence[]>

export function createAskHost(deps: AskDeps): AskHost {
  return async (host, requests, signal) => {
    const asked = requests.slice(0, maximumRequests)
    const packs = Array.from({ length: Math.ceil(asked.length / maximumPerExchange) }, (_, at) =>
      asked.slice(at * maximumPerExchange, (at + 1) * maximumPerExchange),
    )
    return (await Promise.all(packs.map((pack) => askOnce(deps, host, pack, signal)))).flat()
  }
}

async function askOnce(
  { probes, ssh, now }: AskDeps,
  host: InventoryHost,
  requests: readonly ProbeRequest[],
  signal: AbortSignal | undefined,
): Promise<readonly Evidence[]> {
  const asked = (): Asked => ({ host, requests, probes: probes.byName, takenAt: now().toISOString() })
  const request = JSON.stringify({ version: 1, schema: probes.schema.digest, requests })
  try {
    return evidenceOfReply(asked(), await ssh.exchange(host, request, signal))
  } catch (error) {
    return failedEvidence(asked(), reasonOf(error), error instanceof Error ? error.message : 'It could not be read.')
  }
}

function reasonOf(error: unknown): ProbeFailure {
  switch (failureCode(error)) {
    case 'host.unknown-key':
      return 'wrong-key'
    case 'host.timeout':
      return 'timeout'
    case 'host.bad-answer':
      return 'broken'
    default:
      return 'unreachable'
  }
}
