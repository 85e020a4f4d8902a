// Findings as people read them: a sentence, whether it holds, and what was seen.
import type { FactValue } from '../domain/evidence.ts'
import type { Finding } from '../domain/predicate.ts'
import type { Check } from '../domain/timeline.ts'

const observedLength = 120

/** A condition that must hold. */
export function checkOf({ predicate, answer, observed, evidence }: Finding): Check {
  return { says: predicate.says, answer, observed: seen(observed), evidence }
}

/** A condition that must not hold, turned round so that "holds" is good here, too. */
export function absenceOf(finding: Finding): Check {
  const turned = { holds: 'fails', fails: 'holds', unknown: 'unknown' } as const
  return { ...checkOf(finding), says: `not: ${finding.predicate.says}`, answer: turned[finding.answer] }
}

/** What was seen, short. */
export function seen(value: FactValue): string {
  if (value === null) return 'nothing'
  const text = Array.isArray(value) ? value.map(String).join(', ') : String(value)
  return text.length > observedLength ? `${text.slice(0, observedLength - 1)}…` : text
}
