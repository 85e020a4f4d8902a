// Step 7: which known fault it is. One fully holds, none does, or several do.
import { sleep } from '@temporalio/workflow'
import type { Recognised } from '../../activities/types.ts'
import { control } from '../activities.ts'
import type { Search } from '../search.ts'
import { nowWaiting, record, type Story } from '../story.ts'
import type { Target } from './scope.ts'

/** Units start, stop and reload within moments; one that takes longer has to be understood by a person. */
const passingMilliseconds = 5_000

export type KnownFault = Extract<Recognised, { kind: 'one' }>

/** What a model proposes. No signature of its playbook holds, so no pattern is known: a person decides. */
export type NovelFault = Pick<KnownFault, 'playbook' | 'says' | 'params'> & {
  readonly kind: 'novel'
  readonly signature: null
  /** The evidence that it is planned on: of all probes, where a later round may be of health alone. */
  readonly round: number
}

/** What is planned for. */
export type Fault = KnownFault | NovelFault

export type NothingKnown = Extract<Recognised, { kind: 'none' }>

/** Playbooks that were tried are left out: an attempt is never repeated. */
export async function recognise(story: Story, search: Search): Promise<Recognised> {
  const { incident, round } = story
  const tried = search.tried.map(({ playbook }) => playbook)
  const recognised = await control.matchSignatures({ incident, round, tried })
  switch (recognised.kind) {
    case 'one': {
      const { playbook, signature, says, params, checks, not } = recognised
      await record(story, 'investigating', { kind: 'recognised', playbook, signature, says, params, checks, not })
      return recognised
    }
    case 'none':
      await record(story, 'investigating', { kind: 'not-recognised', not: recognised.not })
      return recognised
    case 'several':
      await record(story, 'investigating', { kind: 'ambiguous', matches: recognised.matches })
      return recognised
  }
}

/** Whether one more look may show it: where a probe broke; after a moment where a state passes by itself. */
export async function mayShow(story: Story, target: Target, search: Search, nothing: NothingKnown): Promise<boolean> {
  const { unseen = [], passing = false } = nothing
  if (search.lookedAgain || (!passing && unseen.length === 0)) return false
  search.lookedAgain = true
  if (!passing) return true
  story.waiting = nowWaiting(`a state of ${target.hostName} to pass`)
  await sleep(passingMilliseconds)
  return true
}

/** What a person reads when several faults fit. */
export function ambiguousSays(matches: readonly { readonly playbook: string }[]): string {
  return `Several known faults fit: ${matches.map((match) => match.playbook).join(', ')}. Millwright does not choose between them.`
}
