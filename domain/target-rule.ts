// Which of a source's rules tells what an alert is about.
import type { Labels } from './alert.ts'

type Conditional = { readonly when: Readonly<Record<string, string>> }

/** The first rule of which every condition holds; undefined when none fits. */
export function ruleFor<Rule extends Conditional>(labels: Labels, rules: readonly Rule[]): Rule | undefined {
  return rules.find(({ when }) => Object.entries(when).every(([name, value]) => labels[name] === value))
}
