// What was tried for one target, and what a person reads about it.
import { maximumAttempts } from '../domain/incident.ts'
import type { NovelFault } from './steps/recognise.ts'
import type { Target } from './steps/scope.ts'

/** A playbook, and why it was not the end. */
export type Tried = { readonly playbook: string; readonly says: string }

/** How far the search for a repair has come since the target was found. */
export type Search = {
  /** In this story, and in others of the same target and alert. */
  readonly tried: Tried[]
  /** Number of the next attempt. */
  attempt: number
  /** What a model proposes: planned once it was looked anew and still no known fault fits. */
  proposed: NovelFault | null
  /** Nothing was recognised at first, and it was looked again. */
  lookedAgain: boolean
  /** It was waited for another incident that goes on: the next plan is left to policy. */
  waitedInVain: boolean
}

export function beginSearch({ tried, attemptsUsed }: Target): Search {
  const before = tried.map((playbook) => ({ playbook, says: 'tried before' }))
  return { tried: before, attempt: attemptsUsed + 1, proposed: null, lookedAgain: false, waitedInVain: false }
}

/** Another playbook may follow, but never the same one. */
export function wasTried(search: Search, tried: Tried): void {
  search.tried.push(tried)
  // It was proposed for what showed before.
  search.proposed = null
  search.attempt += 1
}

export function attemptsSays(search: Search): string {
  return `${maximumAttempts} attempts are used: ${triedSays(search)}. A person decides what comes next.`
}

/** A sentence about what was tried, after others; none where nothing was. */
export function beforeSays(search: Search): string {
  return search.tried.length === 0 ? '' : ` Before: ${triedSays(search)}.`
}

function triedSays({ tried }: Search): string {
  return tried.map(({ playbook, says }) => `${playbook} (${says.replace(/\.$/, '')})`).join(', ')
}
