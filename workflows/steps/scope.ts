// Step 5: what it is about. Text can never widen it.
import type { Scope } from '../../activities/types.ts'
import { control } from '../activities.ts'
import { record, type Story } from '../story.ts'

export type Target = Extract<Scope, { kind: 'target' }>

export async function scope(story: Story): Promise<Scope> {
  const scoped = await findTarget(story)
  if (scoped.kind === 'target') {
    await record(story, 'investigating', { kind: 'scoped', host: scoped.hostName, subjects: scoped.subjects })
  }
  return scoped
}

/** Without writing it down: for a story that goes on. */
export async function findTarget(story: Story): Promise<Scope> {
  const scoped = await control.scopeIncident({ incident: story.incident })
  story.target = scoped.kind === 'target' ? scoped : null
  return scoped
}
