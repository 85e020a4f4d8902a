// Step 8: no known fault fits. Without a model the answer is "I don't know", and people get it with the evidence.
import { control } from '../activities.ts'
import { handOver, type Ending } from '../ending.ts'
import { beforeSays, type Search } from '../search.ts'
import type { Story } from '../story.ts'
import { endingBy, measure, onlyTheAlert } from './health.ts'
import type { NothingKnown } from './recognise.ts'
import type { Target } from './scope.ts'

/** What has ended by itself needs no diagnosis, nor does what is well but for the alert. */
export async function nothingFits(
  story: Story,
  target: Target,
  search: Search,
  { unseen = [] }: NothingKnown,
): Promise<Ending> {
  const measured = await measure(story, target)
  const closed = await endingBy(story, measured)
  if (closed !== null) return closed
  const before = beforeSays(search)
  if (unseen.length > 0) {
    const reason = before === '' ? 'novel' : 'failed'
    return handOver(reason, `A known fault may be there, but could not be seen: ${unseen.join('; ')}.${before}`)
  }
  return onlyTheAlert(target, measured, before) ?? (before === '' ? diagnose(story) : noOther(story, before))
}

async function diagnose({ incident, round }: Story): Promise<Ending> {
  const diagnosis = await control.proposeDiagnosis({ incident, round })
  return handOver('novel', diagnosis.says)
}

function noOther({ repaired }: Story, before: string): Ending {
  if (repaired !== null) return handOver('novel', `${repaired} Another alert goes on, and no known fault explains it.`)
  return handOver('failed', `No other playbook's known fault holds.${before}`)
}
