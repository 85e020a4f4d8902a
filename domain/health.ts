// Is it well? One answer wherever that is asked: whether a repair helped, whether it held, whether an alert ended by
// itself.
import type { RuleAnswer } from './run.ts'
import type { Check } from './timeline.ts'

export type Health =
  /** Every check holds, and the alert's own rule is clear, or there is none. */
  | { readonly kind: 'well' }
  /** Every check holds; the rule is not clear, still looks back to before the change, and is waited for. */
  | { readonly kind: 'lagging' }
  /** Something is known to be wrong. */
  | { readonly kind: 'wrong'; readonly because: WhyWrong }
  /** Nothing is known to be wrong, and yet it is not known to be well: no reason to undo anything, and no proof. */
  | { readonly kind: 'cannot-tell'; readonly because: WhyNotTold }

export type WhyWrong =
  | 'check-fails'
  /** It fires, and not every check could be measured. */
  | 'rule-fires'
  /** It fires, and every check holds. */
  | 'only-rule-fires'

export type WhyNotTold =
  | 'nobody-looked'
  /** There was no check at all, which proves nothing. */
  | 'nothing-checked'
  | 'check-unknown'
  /** What had failed before the change was not seen, so nobody will ever know whether more has; all else holds. */
  | 'before-unknown'
  /** The rule could not be asked; every check holds. */
  | 'rule-unknown'
  /** The rule looks back to before the change for longer than it is waited for; every check holds. */
  | 'rule-looks-back'

/** What is known to be anything but well. */
export type NotWell = Extract<Health, { kind: 'wrong' | 'cannot-tell' }>

/** What a check answered; `never-known`: no later look can answer it either. */
export type Answer = Check['answer'] | 'never-known'

/** What was measured at one moment. */
export type Measurement = {
  readonly answers: readonly Answer[]
  readonly rule: RuleAnswer
  /** Seconds since the change; without one, since the alerts were last heard of. */
  readonly ageSeconds: number
}

/** A rule that looks back further is not waited for longer. */
export const longestWindowSeconds = 3_600

export function healthOf({ answers, rule, ageSeconds }: Measurement): Health {
  return healths[together(answers)][standing(rule, ageSeconds)]
}

/**
 * Whether every check holds, so that nothing but the alert's own rule could keep it from being well. Of what does not
 * hold this says nothing: it may be wrong or not known.
 */
export function everyCheckHolds(health: Health): boolean {
  switch (health.kind) {
    case 'well':
    case 'lagging':
      return true
    case 'wrong':
    case 'cannot-tell':
      return checksHold[health.because]
  }
}

/** Whether no later look can tell it either. */
export function isForGood(because: WhyNotTold): boolean {
  switch (because) {
    case 'before-unknown':
    case 'rule-looks-back':
      return true
    case 'nobody-looked':
    case 'nothing-checked':
    case 'check-unknown':
    case 'rule-unknown':
      return false
  }
}

type Checks = 'hold' | 'fail' | 'unknown' | 'never-known' | 'none'

/** `outlasts`: it looks back to before the change for longer than it is waited for. */
type Rule = 'over' | 'lags' | 'outlasts' | 'firing' | 'unknown'

const well: Health = { kind: 'well' }
const lagging: Health = { kind: 'lagging' }
const wrong = (because: WhyWrong): Health => ({ kind: 'wrong', because })
const cannotTell = (because: WhyNotTold): Health => ({ kind: 'cannot-tell', because })

const healths: Readonly<Record<Checks, Readonly<Record<Rule, Health>>>> = {
  hold: {
    over: well,
    lags: lagging,
    outlasts: cannotTell('rule-looks-back'),
    unknown: cannotTell('rule-unknown'),
    firing: wrong('only-rule-fires'),
  },
  fail: {
    over: wrong('check-fails'),
    lags: wrong('check-fails'),
    outlasts: wrong('check-fails'),
    unknown: wrong('check-fails'),
    firing: wrong('check-fails'),
  },
  unknown: {
    over: cannotTell('check-unknown'),
    lags: cannotTell('check-unknown'),
    outlasts: cannotTell('check-unknown'),
    unknown: cannotTell('check-unknown'),
    firing: wrong('rule-fires'),
  },
  // While the rule may still turn out to fire, a later look may show that something is wrong.
  'never-known': {
    over: cannotTell('before-unknown'),
    lags: cannotTell('check-unknown'),
    outlasts: cannotTell('before-unknown'),
    unknown: cannotTell('check-unknown'),
    firing: wrong('rule-fires'),
  },
  none: {
    over: cannotTell('nothing-checked'),
    lags: cannotTell('nothing-checked'),
    outlasts: cannotTell('nothing-checked'),
    unknown: cannotTell('nothing-checked'),
    firing: wrong('rule-fires'),
  },
}

const checksHold: Readonly<Record<WhyWrong | WhyNotTold, boolean>> = {
  'check-fails': false,
  'rule-fires': false,
  'only-rule-fires': true,
  'nobody-looked': false,
  'nothing-checked': false,
  'check-unknown': false,
  'before-unknown': false,
  'rule-unknown': true,
  'rule-looks-back': true,
}

/** The worst counts. */
function together(answers: readonly Answer[]): Checks {
  if (answers.includes('fails')) return 'fail'
  if (answers.includes('unknown')) return 'unknown'
  if (!answers.includes('holds')) return 'none'
  return answers.includes('never-known') ? 'never-known' : 'hold'
}

function standing({ state, windowSeconds }: RuleAnswer, ageSeconds: number): Rule {
  switch (state) {
    case 'clear':
    case 'none':
      return 'over'
    case 'firing':
    case 'unknown':
      if (ageSeconds >= windowSeconds) return state
      return ageSeconds < longestWindowSeconds ? 'lags' : 'outlasts'
  }
}
