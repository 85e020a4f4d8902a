// Step 6: look at the host. A host that can't be read is an answer.
import { ActivityFailure } from '@temporalio/workflow'
import type { Collected } from '../../activities/types.ts'
import { handsIn } from '../activities.ts'
import { nextRound, nowWaiting, record, type Story } from '../story.ts'
import type { Target } from './scope.ts'

export async function collect(story: Story, target: Target): Promise<Collected> {
  const round = nextRound(story)
  story.waiting = nowWaiting(`probes on ${target.hostName}`)
  const seen = await lookAt(story, target, round)
  const { evidence, failed, milliseconds } = seen
  await record(story, 'investigating', { kind: 'looked', host: target.hostName, round, evidence, failed, milliseconds })
  return seen
}

async function lookAt({ incident }: Story, target: Target, round: number): Promise<Collected> {
  try {
    return await handsIn(target.zone).collectEvidence({ incident, host: target.host, round })
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error
    const says = `No worker of zone ${target.zone} could look at ${target.hostName}.`
    return { evidence: [], failed: 0, milliseconds: 0, unreachable: { reason: 'unreachable', says } }
  }
}

/** What a person reads when a host can't be read. */
export function unreachableSays({ reason, says }: NonNullable<Collected['unreachable']>): string {
  return reason === 'wrong-key' ? `Security finding: the host's key is not the pinned one. ${says}` : says
}
