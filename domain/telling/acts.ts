// What was done and how it ended, as people read it.
import type { RuleState, RunOutcome } from '../run.ts'
import { count, duration } from '../text.ts'
import type { Check, TimelineEntry } from '../timeline.ts'
import { told, type Told } from './told.ts'
import { handOverReasons, type Sentence, strong } from './words.ts'

type Acting = Extract<
  TimelineEntry,
  {
    kind:
      | 'approval-expired'
      | 'source-resolved'
      | 'more-alerts'
      | 'reopened'
      | 'run-requested'
      | 'run-ended'
      | 'recovered'
      | 'verified'
      | 'not-recovered'
      | 'handed-over'
      | 'closed'
  }
>

export function tellAct(entry: Acting): Told {
  switch (entry.kind) {
    case 'approval-expired':
      return told('need', [strong('Expired'), ': nobody decided in time'], 'The plan was not carried out.')
    case 'source-resolved':
      return told('plain', ['The source says ', strong('resolved')], 'Measured again before anything is believed.')
    case 'more-alerts':
      return told('acting', [strong('Another alert'), ' is not over'], 'Looked at again, with it.')
    case 'reopened':
      return told('need', [strong('Reopened'), ': the alert fires again'])
    case 'run-requested':
      return told('acting', [
        strong(entry.undo ? 'Undo' : 'Run'),
        ' requested, starts before ',
        { at: entry.deadline },
        ' or not at all',
      ])
    case 'run-ended':
      return tellRun(entry.outcome, entry.undo)
    case 'recovered':
      return {
        tone: 'acting',
        says: [strong('Recovered'), ': every check holds'],
        more: [
          measured(entry.checks, entry.rule),
          [`Must hold for ${duration(entry.soakSeconds * 1000)} to count as verified.`],
        ],
      }
    case 'verified':
      return {
        tone: 'good',
        says: [strong('Verified'), ` by what the repair did not touch; held for ${duration(entry.heldSeconds * 1000)}`],
        more: [measured(entry.checks, entry.rule)],
      }
    case 'not-recovered':
      return {
        tone: 'bad',
        says: [strong('Not recovered'), failedChecks(entry.checks, entry.rule)],
        more: [measured(entry.checks, entry.rule)],
      }
    case 'handed-over':
      return told('need', [strong('Handed over'), `: ${handOverReasons[entry.reason]}`], entry.says)
    case 'closed':
      return tellClosed(entry)
  }
}

function tellRun(outcome: RunOutcome, undo: boolean): Told {
  switch (outcome.kind) {
    case 'succeeded':
      return told('acting', [
        strong(undo ? 'Undone' : 'Carried out'),
        `: ${count(outcome.tasks, 'task')}, ${count(outcome.changed, 'change')}`,
      ])
    case 'failed':
      return told(
        'bad',
        [strong(undo ? 'Undo failed' : 'Repair failed'), outcome.task === null ? '' : ` in task “${outcome.task}”`],
        outcome.says,
        `${count(outcome.changed, 'change')} at most before that.`,
      )
    case 'unknown':
      return told(
        'bad',
        [strong('Outcome unknown')],
        outcome.says,
        'It is never repeated; the host’s own record decides.',
      )
    case 'refused':
      return told('need', [strong('Refused'), ' before anything started'], outcome.says)
  }
}

function tellClosed(entry: Extract<TimelineEntry, { kind: 'closed' }>): Told {
  switch (entry.reason) {
    case 'recovered':
      return told('good', [strong('Closed'), ': repaired and verified'], entry.says)
    case 'repaired-by-another':
      return told('good', [strong('Closed'), ': repaired by another incident'], entry.says)
    case 'recovered-by-itself':
      return told('plain', [strong('Closed'), ': recovered by itself'], entry.says)
    case 'closed-by-person':
      return told('plain', [strong('Closed'), ` by ${entry.person ?? 'unknown'}`], entry.says)
    case 'dry-run':
      return told('plain', [strong('Dry run over'), ': nothing was carried out'], entry.says)
  }
}

function measured(checks: readonly Check[], rule: RuleState): Sentence {
  const said = checks.map((check) => (check.answer === 'holds' ? check.says : `${check.answer}: ${check.says}`))
  return [[...said, ruleSays(rule)].join(' · ')]
}

/** The alert's own rule, in words. */
export function ruleSays(rule: RuleState): string {
  const words = {
    clear: 'the alert’s own rule is clear',
    firing: 'the alert’s own rule still fires',
    unknown: 'the alert’s own rule: unknown',
    none: 'by probes only: no rule of that name is known',
  } as const
  return words[rule]
}

function failedChecks(checks: readonly Check[], rule: RuleState): string {
  const failed = checks.filter((check) => check.answer === 'fails').length
  if (failed > 0) return `: ${failed} of ${count(checks.length, 'check')} ${failed === 1 ? 'does' : 'do'} not hold`
  return `: ${ruleSays(rule)}`
}
