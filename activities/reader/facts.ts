// What the reader answered: facts of a closed form, each borne out by the text that it names, or dropped.
import { z } from 'zod'
import type { Fenced } from '../../domain/fence.ts'
import { countOf } from '../../domain/log-template.ts'
import type { Message, Reply } from '../../domain/model.ts'
import { foldText } from '../../runtime/for-model.ts'
import { redactText } from '../../runtime/redaction.ts'
import { holdsRaw, rawTexts, replaceRawTexts } from './raw-texts.ts'

export const factKinds = [
  'error',
  'crash',
  'restart',
  'start',
  'stop',
  'timeout',
  'refused',
  'exhausted',
  'permission',
  'missing',
  'configuration',
  'certificate',
  'dependency',
  'change',
  'load',
  'recovery',
  'instruction',
  'other',
] as const

/** Characters; `answer`: of the whole reply; `facts`: how many; `shown`: bytes of all facts of one message. */
export const limits = { subject: 80, moment: 40, quote: 160, facts: 40, answer: 40_000, shown: 2_000 } as const

const Text = (most: number): z.ZodString => z.string().min(1).max(most)

const Fact = z.strictObject({
  text: z.int().min(1),
  kind: z.enum(factKinds),
  subject: Text(limits.subject),
  count: z.int().min(1),
  first: Text(limits.moment).nullable(),
  last: Text(limits.moment).nullable(),
  quote: Text(limits.quote),
})
type Fact = z.infer<typeof Fact>

/** Facts are parsed one by one: a bad one is dropped and the others stay. */
const Answer = z.strictObject({ facts: z.array(z.unknown()) })

const notRead = 'The reader could not read it: what it says is not known.'

/**
 * The message with facts where raw text stood. No raw text is left in it, whatever the reply is: where none came
 * (`null`), or one that is no answer, it says that the text was not read.
 */
export function withFacts(message: Message, reply: Reply | null): Message {
  const given = reply === null ? null : answerOf(reply)
  if (given === null) return replaceRawTexts(message, (block) => factsBlock(block, notRead))
  const blocks = rawTexts(message)
  const checked = withinRoom(given.slice(0, limits.facts).map((fact) => checkedFact(fact, blocks)))
  const tooMany = given.length - checked.length
  return replaceRawTexts(message, (block, at) => {
    const lines = new Set(checked.flatMap((one) => ('line' in one && one.at === at ? [one.line] : [])))
    const dropped = checked.flatMap((one) => ('why' in one && one.at === at ? [one.why] : []))
    const facts = lines.size === 0 ? ['The reader found nothing in it that it could bear out.'] : [...lines]
    return factsBlock(block, [...facts, ...droppedLines(dropped, at === 0 ? tooMany : 0)].join('\n'))
  })
}

/** The most telling come first: what has no room any more is dropped, like what nothing bears out. */
function withinRoom(checked: readonly Checked[]): readonly Checked[] {
  let room: number = limits.shown
  return checked.map((one) => {
    if (!('line' in one)) return one
    room -= Buffer.byteLength(one.line) + 1
    return room < 0 ? { at: one.at, why: 'no room for more' } : one
  })
}

/** Whether raw text waited here and no facts came of it. `read`: the same message as the reader left it, if it did. */
export function leftUnread(message: Message, read: Message | null): boolean {
  return holdsRaw(message) && (read === null || JSON.stringify(read).includes(notRead))
}

function factsBlock(block: Fenced, text: string): Fenced {
  return { ...block, kind: 'facts', text }
}

function droppedLines(why: readonly string[], tooMany: number): readonly string[] {
  const reasons = [...new Set(why)].map((reason) => `${why.filter((one) => one === reason).length}: ${reason}`)
  const beyond = tooMany > 0 ? [`${tooMany}: beyond the first ${limits.facts}`] : []
  const all = [...reasons, ...beyond]
  return all.length === 0 ? [] : [`(dropped by code: ${all.join('; ')})`]
}

/** What stands in the one JSON object of a reply; null: there is none. */
function answerOf({ text, calls, stop }: Reply): readonly unknown[] | null {
  if (calls.length > 0 || stop === 'refused' || text.length > limits.answer) return null
  const json = /^\s*(?:```(?:json)?\s*\n)?(\{[^]*\})(?:\s*```)?\s*$/.exec(text)?.[1]
  if (json === undefined) return null
  try {
    const answer = Answer.safeParse(JSON.parse(json))
    return answer.success ? answer.data.facts : null
  } catch {
    return null
  }
}

type Checked = { readonly at: number } & ({ readonly line: string } | { readonly why: string })

function checkedFact(given: unknown, blocks: readonly Fenced[]): Checked {
  const { success, data: fact } = Fact.safeParse(given)
  if (!success) return { at: 0, why: 'not of the form that facts have' }
  const at = fact.text - 1
  const block = blocks[at]
  if (block === undefined) return { at: 0, why: 'names a text that there is not' }
  const why = unsupported(fact, block.text)
  return why === null ? { at, line: lineOf(fact) } : { at, why }
}

/** Every word of a fact stands in its text; so nobody speaks to the planner who did not write there. */
function unsupported({ subject, quote, first, last, count }: Fact, text: string): string | null {
  const inside = foldText(text)
  if (quote.includes('\n') || !inside.includes(quote)) return 'its quote does not stand in the text'
  if (subject.includes('\n') || !inside.includes(subject)) return 'its subject does not stand in the text'
  const moments = [first, last].filter((moment) => moment !== null)
  if (!moments.every((moment) => /\d/.test(moment) && !moment.includes('\n') && inside.includes(moment))) {
    return 'its time does not stand in the text'
  }
  return count > linesIn(inside) ? 'it counts more lines than there are' : null
}

/** Lines, with those that others stand for. */
function linesIn(text: string): number {
  return text.split('\n').reduce((sum, line) => sum + countOf(line), 0)
}

function lineOf({ kind, subject, count, first, last, quote }: Fact): string {
  const from = first ?? last
  const when = from === null ? '' : last === null || last === from ? `, at ${from}` : `, ${from} to ${last}`
  return redactText(`- ${kind}: ${subject}, ${count === 1 ? 'once' : `${count} times`}${when}: "${quote}"`)
}
