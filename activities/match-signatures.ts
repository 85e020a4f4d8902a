// Step 7: every signature against one round of evidence.
import { modeIn, type Playbook, type Signature } from '../domain/playbook.ts'
import { bind, type Finding, type Params } from '../domain/predicate.ts'
import { canonicalJson } from '../domain/canonical-json.ts'
import {
  isPassing,
  recognise,
  unseen,
  untried,
  type Match,
  type Recognition,
  type Rejection,
} from '../domain/signature.ts'
import type { Check, NotThis } from '../domain/timeline.ts'
import { readWholeRound, type Round, type RoundDeps } from './round.ts'
import type { ControlActivities, Recognised } from './types.ts'
import { absenceOf, checkOf } from './words.ts'

/** Results stay below 16 KiB: so many known faults are named, each with so many reasons why it is not that one. */
const maximumNot = 12
const maximumReasons = 3

export function createMatchSignatures(deps: RoundDeps): ControlActivities['matchSignatures'] {
  return async ({ incident, round, tried }) => {
    const whole = await readWholeRound(deps, incident, round)
    const { playbooks } = deps.catalogue()
    const open = playbooks.filter((playbook) => !tried.includes(playbook.id))
    return recognisedIn(open, whole)
  }
}

/** The known faults of these playbooks against one round. */
export function recognisedIn(playbooks: readonly Playbook[], round: Pick<Round, 'scope' | 'evidence'>): Recognised {
  return inWords(playbooks, recogniseByMode(playbooks, round), round)
}

/**
 * A playbook that may not act here makes nothing ambiguous; it is looked at when no other one fits, so that people hear
 * of it.
 */
function recogniseByMode(playbooks: readonly Playbook[], round: Pick<Round, 'scope' | 'evidence'>): Recognition {
  const acts = (playbook: Playbook): boolean =>
    ['suggest', 'auto'].includes(modeIn(playbook, round.scope.host.environment))
  const first = recognise(playbooks.filter(acts), round.scope, round.evidence)
  if (first.kind !== 'none') return first
  const second = recognise(
    playbooks.filter((playbook) => !acts(playbook)),
    round.scope,
    round.evidence,
  )
  return { ...second, rejected: [...first.rejected, ...second.rejected] }
}

function inWords(
  playbooks: readonly Playbook[],
  recognition: Recognition,
  { scope, evidence }: Pick<Round, 'scope' | 'evidence'>,
): Recognised {
  const not = whyNot(playbooks, recognition.rejected)
  switch (recognition.kind) {
    case 'none': {
      const { rejected } = recognition
      const notSeen = [...untried(playbooks, scope), ...unseen(rejected, evidence)]
      return { kind: 'none', not, unseen: notSeen, passing: isPassing(rejected) }
    }
    case 'several':
      return { kind: 'several', matches: recognition.matches.map(({ playbook, says }) => ({ playbook, says })) }
    case 'one': {
      const { playbook, signature, says, params } = recognition.match
      return { kind: 'one', playbook, signature, says, params, checks: checksOf(playbooks, recognition.match), not }
    }
  }
}

function checksOf(playbooks: readonly Playbook[], { playbook, signature, params, findings }: Match): readonly Check[] {
  const absent = absences(playbooks, playbook, signature, params)
  return findings.map((finding) => inWord(finding, absent))
}

/** Of each signature the candidate that came nearest: the one with the fewest reasons against it. */
function whyNot(playbooks: readonly Playbook[], rejected: readonly Rejection[]): readonly NotThis[] {
  const nearest = new Map<string, Rejection>()
  for (const one of rejected) {
    const key = `${one.playbook} ${one.signature}`
    const best = nearest.get(key)
    if (best === undefined || one.because.length < best.because.length) nearest.set(key, one)
  }
  return [...nearest.values()].slice(0, maximumNot).map(({ playbook, signature, params, because }) => {
    const absent = absences(playbooks, playbook, signature, params)
    return { playbook, signature, because: because.slice(0, maximumReasons).map((finding) => inWord(finding, absent)) }
  })
}

function inWord(finding: Finding, absent: ReadonlySet<string>): Check {
  return absent.has(canonicalJson(finding.predicate)) ? absenceOf(finding) : checkOf(finding)
}

/** Predicates of a signature that must not hold. */
function absences(
  playbooks: readonly Playbook[],
  playbook: string,
  signature: string,
  params: Params,
): ReadonlySet<string> {
  const found: Signature | undefined = playbooks
    .find((one) => one.id === playbook)
    ?.signatures.find((one) => one.id === signature)
  return new Set((found?.none ?? []).map((predicate) => canonicalJson(bind(predicate, params))))
}
