// Step 6: look at the host. A host that can't be read is an answer.
import type { Collected } from '../../activities/types.ts'
import { handsIn } from '../activities.ts'
import { orElse } from '../failed.ts'
import { nextRound, nowWaiting, record, type Story } from '../story.ts'
import type { Target } from './scope.ts'

export async function collect(story: Story, target: Target): Promise<Collected> {
  story.looks += 1
  const round = nextRound(story)
  story.waiting = nowWaiting(`probes on ${target.hostName}`)
  const seen = await lookAt(story, target, round)
  const { evidence, failed, milliseconds } = seen
  await record(story, 'investigating', { kind: 'looked', host: target.hostName, round, evidence, failed, milliseconds })
  return seen
}

function lookAt({ incident }: Story, target: Target, round: number): Promise<Collected> {
  const says = `No worker of zone ${target.zone} could look at ${target.hostName}.`
  const nobody: Collected = { evidence: [], failed: 0, milliseconds: 0, unreachable: { reason: 'unreachable', says } }
  return orElse(handsIn(target.zone).collectEvidence({ incident, host: target.host, round }), nobody)
}

/** What a person reads when a host can't be read. */
export function unreachableSays({ reason, says }: NonNullable<Collected['unreachable']>): string {
  return reason === 'wrong-key' ? `Security finding: the host's key is not the pinned one. ${says}` : says
}
