// Steps 6 to 8: look, recognise, diagnose, until it is known what is to be planned for, or that nothing is.
import { maximumAttempts } from '../../domain/incident.ts'
import { handOver, type Ending } from '../ending.ts'
import { attemptsSays, type Search } from '../search.ts'
import type { Story } from '../story.ts'
import { collect, unreachableSays } from './collect.ts'
import { diagnose } from './diagnose.ts'
import { ambiguousSays, mayShow, recognise, type Fault } from './recognise.ts'
import type { Target } from './scope.ts'

/** Evidence is collected so often at most: two attempts, and waiting for others who change the same host. */
const maximumLooks = 8

export async function findFault(story: Story, target: Target, soFar: Search): Promise<Fault | Ending> {
  while (story.looks < maximumLooks) {
    const { unreachable } = await collect(story, target)
    if (unreachable !== null) return handOver('unreachable', unreachableSays(unreachable))
    const known = await recognise(story, soFar)
    if (known.kind === 'several') return handOver('ambiguous', ambiguousSays(known.matches))
    if (known.kind === 'none' && (await mayShow(story, target, soFar, known))) continue
    const fault = known.kind === 'none' ? await diagnose(story, target, soFar, known) : known
    if (fault.kind === 'look-again') continue
    if (fault.kind === 'hand-over' || fault.kind === 'close') return fault
    return soFar.attempt > maximumAttempts ? handOver('attempts-used', attemptsSays(soFar)) : fault
  }
  return handOver('failed', `${target.hostName} does not come to rest: it was looked at ${maximumLooks} times.`)
}
