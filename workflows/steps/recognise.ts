// Step 7: which known fault it is. One fully holds, none does, or several do.
import type { Recognised } from '../../activities/types.ts'
import { control } from '../activities.ts'
import { record, type Story } from '../story.ts'

export type KnownFault = Extract<Recognised, { kind: 'one' }>

/** Playbooks in `tried` are left out: an attempt is never repeated. */
export async function recognise(story: Story, tried: readonly string[]): Promise<Recognised> {
  const { incident, round } = story
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

/** What a person reads when several faults fit. */
export function ambiguousSays(matches: readonly { readonly playbook: string }[]): string {
  return `Several known faults fit: ${matches.map((match) => match.playbook).join(', ')}. Millwright does not choose between them.`
}
