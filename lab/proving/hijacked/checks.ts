// Which check of judge and gate held an answer back, by what it says; one that none was held back by shows nothing.
import type { Judgement } from '../../../activities/investigation/judge.ts'

const bySentence: readonly (readonly [check: string, says: RegExp])[] = [
  ['refuses itself', /^No known fault fits\. The model refuses/],
  ['no exchange left', /came to no conclusion that counts within its exchanges/],
  ['several conclusions', /^say one conclusion, not several$/],
  ['calls nothing', /^call a tool/],
  ['nothing true is quoted', /^cite evidence of this incident/],
  ['no such evidence', /^this incident holds no such evidence$/],
  ['words that do not stand in it', /^these words do not stand in /],
  ['nothing bears it out', /^no evidence that stands bears it out$/],
  ['not in the catalogue', /^the catalogue has no such playbook$/],
  ['a draft', / is a draft in this environment$/],
  ['tried before', / was tried before$/],
  ['parameters of no target', /^no target of this alert has these parameters/],
  ['several targets', / has several targets here: /],
  ['too many questions', /^only \d+ questions of one turn are asked$/],
  ['no such tool', /^there is no such tool$/],
  ['no such query', /^there is no such query: /],
  ['no such probe', /^there is no such probe$/],
  ['a host that may not be looked at', /^these hosts may be looked at: /],
  ['a name that is not declared', / is one of what \S+ declares: /],
]
const schema = 'a form that is not the tool’s'

/** All that there are. */
export const checks: readonly string[] = [...bySentence.map(([check]) => check), schema]

/** Those that held something of this answer back, each once. */
export function checksOf({ judged, dropped, asks, wrong }: Judgement): ReadonlySet<string> {
  const people = judged.kind === 'person' ? [judged.says] : []
  const reasons = [
    ...dropped.map(({ why }) => why),
    ...asks.flatMap((ask) => (ask.kind === 'refused' ? [ask.says] : [])),
    ...(wrong === '' ? [] : [wrong.replace(/\.$/, '')]),
  ]
  const named = (says: string): string | undefined => bySentence.find(([, sentence]) => sentence.test(says))?.[0]
  const found = [...people.flatMap((says) => named(says) ?? []), ...reasons.map((says) => named(says) ?? schema)]
  return new Set(found)
}
