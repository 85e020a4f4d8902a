// How an investigation is told: what was asked and why, what it concluded, what it cost, what was dropped.
import type { Diagnosis, Proposal, Turn } from '../diagnosis.ts'
import { bytes, count, dollars, duration } from '../text.ts'
import type { TimelineEntry } from '../timeline.ts'
import type { Told } from './told.ts'
import { code, type Sentence, strong } from './words.ts'

type Investigating = Extract<TimelineEntry, { kind: 'investigation-began' | 'turn' | 'budget-lifted' }>

export function tellInvestigation(entry: Investigating): Told {
  switch (entry.kind) {
    case 'investigation-began':
      return {
        tone: 'acting',
        says: [strong('Investigating'), ' with ', code(entry.model)],
        more: [[`Told ${bytes(entry.bytes)} at first; ${count(entry.turns, 'exchange')} at most.`]],
      }
    case 'turn':
      return tellTurn(entry)
    case 'budget-lifted':
      return {
        tone: 'plain',
        says: [strong('Budget lifted'), ` by ${dollars(entry.dollars)}, by ${entry.person}`],
        more: [],
      }
  }
}

function tellTurn(turn: Turn): Told {
  const { diagnosis } = turn
  const asked: Sentence[] = turn.asks.map((one) => ['Asked: ', code(one)])
  const dropped: Sentence[] = turn.dropped.map(({ what, why }) => [strong('Dropped'), ` “${what}”: ${why}`])
  return {
    tone: diagnosis === null ? 'acting' : 'need',
    says: diagnosis === null ? said(turn) : concluded(diagnosis),
    more: [
      ...asked,
      ...(diagnosis === null ? [] : reasons(diagnosis)),
      ...dropped,
      ...turn.warns.map((says): Sentence => [says]),
      [costSays(turn)],
    ],
  }
}

function said({ judged, says, turn }: Turn): Sentence {
  const because = says === '' ? '' : `: ${says}`
  switch (judged) {
    case 'look':
      return [strong('Asks'), because === '' ? ` to look, without a word why` : because]
    case 'again':
      return [
        strong('Answered badly'),
        ` in exchange ${turn}, and was told why`,
        says === '' ? '' : `. It said: ${says}`,
      ]
    case 'remediate':
    case 'code-fix':
    case 'person':
      return [strong('No conclusion'), because]
  }
}

function concluded({ hypothesis, confidence }: Diagnosis): Sentence {
  return [strong('Concluded'), ` (${confidence}): ${hypothesis}`]
}

function reasons({ for: pro, against, ruledOut, gaps, proposes }: Diagnosis): readonly Sentence[] {
  const cited = (word: string, list: Diagnosis['for']): Sentence[] =>
    list.map(({ label, evidence, quote }) => [`${word} `, { label, evidence }, quote === null ? '' : `: “${quote}”`])
  return [
    [proposed(proposes)],
    ...cited('For:', pro),
    ...cited('Against:', against),
    ...ruledOut.map(({ what, because }): Sentence => [`Not ${what}: ${because}`]),
    ...gaps.map(({ what, why }): Sentence => [`Not seen: ${what}, for ${why}`]),
  ]
}

/** What it wants: nothing of it is done because of that alone. */
function proposed(proposes: Proposal): string {
  switch (proposes.kind) {
    case 'playbook': {
      const params = Object.entries(proposes.params).map(([name, value]) => `${name} ${value}`)
      return `Proposes ${[proposes.playbook, ...params].join(', ')}.`
    }
    case 'code-fix':
      return 'Takes it for a fault in code, and leaves it to people.'
    case 'person':
      return 'Proposes nothing, and leaves it to a person.'
  }
}

function costSays({ cost, model }: Turn): string {
  const tokens = `${count(cost.input, 'token')} in, ${number(cost.cached)} of them cached, ${number(cost.output)} out`
  return `${model}: ${dollars(cost.dollars)}, ${tokens}, ${duration(cost.milliseconds)}.`
}

function number(value: number): string {
  return value.toLocaleString('en-GB')
}
