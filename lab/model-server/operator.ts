// What a correct operator says to a request: it concludes where the clues were told, asks for them where they were not,
// and hands over where there is nothing left to ask.
import type { Json } from '../../domain/canonical-json.ts'
import type { Called, Heard, Said } from './heard.ts'
import { type Shown, shownBy } from './clue.ts'
import { answer, call, calledBefore, callText, lookAt, looks, sectionsOf, toldText, toolNamed } from './reading.ts'
import { read } from './reader.ts'
import { type Rule, rules } from './rules.ts'

/** What a terminal tool is given besides what it proposes. */
export type Finding = {
  readonly hypothesis: string
  readonly confidence: 'likely' | 'unknown'
  readonly shown: readonly Shown[]
  readonly gaps: readonly { readonly what: string; readonly why: string }[]
}

/** Questions in one answer. */
const mostAsked = 4

export function operate(heard: Heard): Said {
  if (heard.question.tools.length === 0) return answer(read(heard), [])
  const sections = sectionsOf(heard)
  for (const rule of rulesFor(heard)) {
    const shown = rule.clues.map((clue) => shownBy(clue, sections))
    const all = shown.filter((one) => one !== null)
    if (all.length === shown.length) return conclude(heard, rule, all)
  }
  const asked = questions(heard)
  if (asked.length > 0) return answer('What is told does not say it yet.', asked)
  const gap = { what: 'what the fault is', why: 'nothing that I may look at shows it' }
  return escalate(heard, { hypothesis: 'I do not know.', confidence: 'unknown', shown: [], gaps: [gap] })
}

function rulesFor(heard: Heard): readonly Rule[] {
  const told = toldText(heard)
  return rules.filter(({ alerts }) => alerts.test(told))
}

function conclude(heard: Heard, { says, proposes }: Rule, shown: readonly Shown[]): Said {
  const finding: Finding = { hypothesis: says, confidence: 'likely', shown, gaps: [] }
  if (proposes === 'person') return escalate(heard, finding)
  const subject = shown[0]?.subject ?? ''
  if (subject === '') return escalate(heard, finding)
  return remediate(heard, finding, { playbook: proposes.playbook, params: { [proposes.of]: subject } })
}

export type Remedy = { readonly playbook: string; readonly params: Readonly<Record<string, Json>> }

export function remediate(heard: Heard, finding: Finding, remedy: Remedy): Said {
  if (toolNamed(heard, 'propose_remediation') === undefined) return escalate(heard, finding)
  return answer(finding.hypothesis, [call('propose_remediation', { ...remedy, ...written(finding) })])
}

export function escalate(heard: Heard, finding: Finding): Said {
  if (toolNamed(heard, 'escalate') === undefined) return answer(finding.hypothesis, [])
  return answer(finding.hypothesis, [call('escalate', written(finding))])
}

/** A finding as the terminal tools take it. */
function written({ hypothesis, confidence, shown, gaps }: Finding): { readonly [key: string]: Json } {
  return {
    hypothesis,
    confidence,
    for: shown.map(({ label, quote }) => `${label}: ${quote}`),
    against: [],
    ruled_out: [],
    gaps: gaps.map(({ what, why }) => `${what}: ${why}`),
  }
}

/** The probes whose evidence would show a clue that was not told, as calls that were not made before. */
function questions(heard: Heard): readonly Called[] {
  const sections = sectionsOf(heard)
  const before = calledBefore(heard)
  const wanted = new Set(rulesFor(heard).flatMap(({ clues }) => clues.map(({ probe }) => probe)))
  const untold = [...wanted].filter((probe) => shownBy({ probe, signs: [(text) => text] }, sections) === null)
  return untold
    .flatMap((probe) => {
      const tool = looks(heard).find(({ name }) => name === probe)
      return tool === undefined ? [] : [lookAt(tool, heard)]
    })
    .filter(({ name, input }) => !before.has(callText(name, input)))
    .slice(0, mostAsked)
}
