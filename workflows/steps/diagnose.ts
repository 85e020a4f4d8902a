// Step 8: no known fault fits. What has ended by itself needs no diagnosis, nor does what is well but for an alert that
// nobody can measure; for the rest a model is asked, where there is one.
import { type HandOverReason, maximumAttempts } from '../../domain/incident.ts'
import { handOver, type Ending, type HandedOver } from '../ending.ts'
import { beforeSays, type Search } from '../search.ts'
import type { Story } from '../story.ts'
import { endingBy, measure, onlyTheAlert } from './health.ts'
import { investigate } from './investigate.ts'
import type { NothingKnown, NovelFault } from './recognise.ts'
import type { Target } from './scope.ts'

/** `look-again`: a model proposes something, and it is planned on what is seen then, if no known fault fits by then. */
export type Diagnosed = Ending | NovelFault | { readonly kind: 'look-again' }

export async function diagnose(
  story: Story,
  target: Target,
  search: Search,
  { unseen = [] }: NothingKnown,
): Promise<Diagnosed> {
  const { round } = story
  const measured = await measure(story, target)
  const closed = await endingBy(story, measured)
  if (closed !== null) return closed
  const before = beforeSays(search)
  if (unseen.length > 0) {
    const reason = before === '' ? 'novel' : 'failed'
    return handOver(reason, `A known fault may be there, but could not be seen: ${unseen.join('; ')}.${before}`)
  }
  const well = onlyTheAlert(target, measured, before)
  // What its own rule is measured to show is a fault like any other: our checks don't know everything.
  if (well !== null && measured.rule !== 'firing') return well
  const { proposed } = search
  search.proposed = null
  if (proposed !== null) return { ...proposed, round }
  if (search.attempt > maximumAttempts) return well ?? noOther(story, before)
  const concluded = await investigate(story, target, round)
  switch (concluded.kind) {
    case 'novel':
      story.investigation = null
      search.proposed = concluded
      return { kind: 'look-again' }
    case 'no-model':
      return well ?? (before === '' ? handOver('novel', concluded.says) : noOther(story, before))
    case 'hand-over':
      return handOver(
        reasonAfter(before, well, concluded.reason),
        `${concluded.says}${well === null ? before : ` ${well.says}`}`,
      )
  }
}

/** That all else is well, or what was tried and did not help, is what people read first. */
function reasonAfter(before: string, well: HandedOver | null, reason: HandOverReason): HandOverReason {
  if (reason !== 'novel') return reason
  if (well !== null) return well.reason
  return before === '' ? 'novel' : 'failed'
}

function noOther({ repaired }: Story, before: string): Ending {
  if (repaired !== null) return handOver('novel', `${repaired} Another alert goes on, and no known fault explains it.`)
  return handOver('failed', `No other playbook's known fault holds.${before}`)
}
