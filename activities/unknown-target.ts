// Why an alert was about nothing that stands in the inventory: for whoever has to mend the label, the rule or the
// inventory.
import type { Labels } from '../domain/alert.ts'
import type { InventoryHost } from '../domain/inventory.ts'
import { ruleFor } from '../domain/target-rule.ts'
import { count } from '../domain/text.ts'
import type { TargetRule } from '../runtime/config.ts'
import { redactText } from '../runtime/redaction.ts'

/** At most this many hosts are named. */
const hostsNamed = 8
/** Letters of a label's value, and of a host's name. */
const longestWord = 120

type Asked = {
  readonly labels: Labels
  readonly rules: readonly TargetRule[]
  /** Those that the alert's team may know of. */
  readonly hosts: readonly Pick<InventoryHost, 'name'>[]
}

/** One sentence; what a label says in it is redacted, on one line, and short. */
export function unknownTarget({ labels, rules, hosts }: Asked): string {
  const rule = ruleFor(labels, rules)
  if (rule === undefined) return 'No rule under `targets` of its source fits the alert, so none tells its host.'
  const value = labels[rule.host]
  if (value === undefined) return `The alert has no label ${word(rule.host)}, which would name its host.`
  return `${word(rule.host)}=${word(value)} names no single host of the inventory; ${thereIs(hosts)}.`
}

function thereIs(hosts: Asked['hosts']): string {
  if (hosts.length === 0) return 'its team has none there'
  const named = hosts.slice(0, hostsNamed).map(({ name }) => word(name))
  const more = hosts.length - named.length
  return `there is: ${named.join(', ')}${more === 0 ? '' : ` and ${count(more, 'more host')}`}`
}

function word(text: string): string {
  const safe = redactText(text).replaceAll(/\s+/g, ' ').trim()
  return safe.length <= longestWord ? safe : `${safe.slice(0, longestWord).toWellFormed()}…`
}
