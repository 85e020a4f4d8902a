// The story of an incident in plain sentences: first what happened, then why. Pure; shared by pages, commands and
// Markdown.
import type { Check, NotThis, TimelineEntry } from '../timeline.ts'
import { tellAct } from './acts.ts'
import { tellInvestigation } from './investigation.ts'
import { told, type Told } from './told.ts'
import { code, type Sentence, strong } from './words.ts'
import { count, duration, listed } from '../text.ts'

/** Enough reasons to understand why a fault is not another one; the rest stands one click away. */
export const namedReasons = 4

/** One entry of the timeline as people read it. */
export function tell(entry: TimelineEntry): Told {
  switch (entry.kind) {
    case 'alerted':
      return tellAlerted(entry)
    case 'scoped':
      return told('acting', ['About ', strong(entry.host), ...about(entry.subjects)])
    case 'looked':
      return tellLooked(entry)
    case 'recognised':
      return {
        tone: 'acting',
        says: [strong('Recognised '), code(entry.signature), `: ${entry.says}`],
        more: [[checksSay(entry.checks)], ...whyNot(entry.not)],
      }
    case 'not-recognised':
      return { tone: 'need', says: [strong('Not recognised'), ': no known fault fits'], more: whyNot(entry.not) }
    case 'investigation-began':
    case 'turn':
    case 'budget-lifted':
      return tellInvestigation(entry)
    case 'ambiguous':
      return tellAmbiguous(entry)
    case 'planned':
      return tellPlanned(entry)
    case 'policy':
      return tellPolicy(entry)
    case 'asked':
      return told(
        'need',
        [strong('Asked'), ' for a decision until ', { at: entry.expiresAt }],
        'Without one nothing runs.',
      )
    case 'decided':
      return tellDecided(entry)
    case 'more-asked':
      return told(
        'plain',
        [strong('More asked for'), ` by ${entry.person}: looked at anew, then asked anew`],
        entry.says,
      )
    case 'waits-for':
      return told(
        'acting',
        [strong('Waits'), ` for INC-${entry.incident}, which is changing ${entry.host}`],
        'Looked at again when that is over.',
      )
    case 'approval-expired':
    case 'source-resolved':
    case 'more-alerts':
    case 'reopened':
    case 'run-requested':
    case 'run-ended':
    case 'recovered':
    case 'verified':
    case 'not-recovered':
    case 'handed-over':
    case 'closed':
      return tellAct(entry)
  }
}

function about(subjects: readonly string[]): Sentence {
  return subjects.length === 0 ? [': the whole host'] : [': ', code(subjects.join(', '))]
}

function tellAlerted({ source, alerts, severity }: Extract<TimelineEntry, { kind: 'alerted' }>): Told {
  const names = [...new Set(alerts)]
  const what = names.length === 0 ? 'an alert' : listed(names.slice(0, 3))
  const more = names.length > 3 ? ` and ${count(names.length - 3, 'more', 'more')}` : ''
  return told(
    'acting',
    [strong(source), ' reported ', strong(what), `${more}${severity === null ? '' : `, ${severity}`}`],
    alerts.length > 1 ? `${count(alerts.length, 'alert')} joined into this incident.` : '',
  )
}

function tellLooked(entry: Extract<TimelineEntry, { kind: 'looked' }>): Told {
  if (entry.hosts !== undefined) return tellFurther(entry, entry.hosts)
  const probes = count(entry.evidence.length, 'read-only probe')
  const when = `, ${duration(entry.milliseconds)}${entry.round > 1 ? `, round ${entry.round}` : ''}`
  if (entry.evidence.length > 0 && entry.failed === entry.evidence.length) {
    return {
      tone: 'bad',
      says: [strong(`Nothing answered on ${entry.host}`), `: ${probes} asked${when}`],
      more: [['Nothing could be seen; that is evidence too.']],
    }
  }
  return {
    tone: 'acting',
    says: [strong(`Looked at ${entry.host}`), ` with ${probes}${when}`],
    more: entry.failed === 0 ? [] : [[`${count(entry.failed, 'probe')} could not see; that is evidence too.`]],
  }
}

/** What a model asked for, of hosts and stores. */
function tellFurther(
  { evidence, failed, milliseconds, round }: Extract<TimelineEntry, { kind: 'looked' }>,
  hosts: readonly string[],
): Told {
  return {
    tone: 'acting',
    says: [
      strong(`Looked further, at ${listed(hosts)}`),
      `: ${count(evidence.length, 'answer')}, ${duration(milliseconds)}, round ${round}`,
    ],
    more: failed === 0 ? [] : [[`${count(failed, 'question')} could not be answered; that is evidence too.`]],
  }
}

function tellAmbiguous({ matches }: Extract<TimelineEntry, { kind: 'ambiguous' }>): Told {
  return {
    tone: 'need',
    says: [strong('Ambiguous'), `: ${count(matches.length, 'known fault')} fit`],
    more: matches.map((match) => [code(match.playbook), `: ${match.says}`]),
  }
}

function tellPlanned(entry: Extract<TimelineEntry, { kind: 'planned' }>): Told {
  const forGood = entry.preview.filter((change) => !change.reversible).length
  const undone = forGood === 0 ? 'nothing is lost' : `${count(forGood, 'change')} cannot be undone`
  return {
    tone: 'acting',
    says: [strong('Planned'), `: ${entry.wants}`],
    more: [
      [
        code(`${entry.playbook}@${entry.version}`),
        `, attempt ${entry.attempt}, ${count(entry.preview.length, 'change')}`,
        entry.preview.length === 0 ? '. Plan ' : `, ${undone}. Plan `,
        code(short(entry.digest)),
        '.',
      ],
    ],
  }
}

function tellPolicy({ answer }: Extract<TimelineEntry, { kind: 'policy' }>): Told {
  const words = {
    auto: { tone: 'acting', word: 'Allowed' },
    ask: { tone: 'need', word: 'Needs a person' },
    forbid: { tone: 'need', word: 'Forbidden' },
  } as const
  const { tone, word } = words[answer.verdict]
  return { tone, says: [strong(word), ` by rule “${answer.rule.says}”`], more: [[code(answer.rule.id)]] }
}

function tellDecided(entry: Extract<TimelineEntry, { kind: 'decided' }>): Told {
  const words = { approve: 'Approved once', reject: 'Rejected', 'take-over': 'Taken over' } as const
  return told(
    entry.verdict === 'approve' ? 'acting' : 'plain',
    [strong(words[entry.verdict]), ` by ${entry.person}`],
    entry.reason,
  )
}

/** "every condition holds" or what does not. */
export function checksSay(checks: readonly Check[]): string {
  const holding = checks.filter((check) => check.answer === 'holds').length
  return holding === checks.length
    ? `All ${count(checks.length, 'check')} agree.`
    : `${holding} of ${count(checks.length, 'check')} agree.`
}

/** "Not `disk-space-reclaim`: 61 % used." One sentence per signature. */
export function whyNot(not: readonly NotThis[]): readonly Sentence[] {
  const named = not.slice(0, namedReasons).map((one): Sentence => ['Not ', code(one.playbook), `: ${because(one)}`])
  const left = not.length - named.length
  return left === 0 ? named : [...named, [`${count(left, 'more', 'more')} ruled out.`]]
}

/** Why one signature does not hold, in its first check's words. */
export function because(one: NotThis): string {
  const [first] = one.because
  if (first === undefined) return 'no reason recorded'
  if (first.answer === 'unknown') return `unknown whether ${first.says}`
  const seen = first.observed === '' ? '' : ` (${first.observed})`
  return `“${first.says}” ${first.answer === 'fails' ? 'does not hold' : 'holds'}${seen}`
}

/** A digest as people compare it: first and last characters. */
export function short(digest: string): string {
  return digest.length <= 10 ? digest : `${digest.slice(0, 4)}…${digest.slice(-2)}`
}
