// Step 8: no known fault holds. Without a model the answer is "I don't know", and people get it with the evidence.
import { control } from '../activities.ts'
import { handOver, type Ending } from '../ending.ts'
import type { Story } from '../story.ts'

export async function diagnose({ incident, round }: Story): Promise<Ending> {
  const diagnosis = await control.proposeDiagnosis({ incident, round })
  return handOver('novel', diagnosis.says)
}
