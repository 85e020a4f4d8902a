// The first message as it is written down for a model: the one composition, of the product and of what proves it.
import type { Evidence } from '../../domain/evidence.ts'
import type { Question } from '../../domain/model.ts'
import { forModel, newBoundary } from '../../runtime/for-model.ts'
import type { Looked } from '../baseline.ts'
import { recognisedIn } from '../match-signatures.ts'
import { composePack, type PackInput } from './compose.ts'
import { labelled } from './evidence-text.ts'

/** Of the first request as it is sent, whole. */
export const maximumFirstRequest = 15_000
/** What a provider's own words around it take. */
export const envelopeBytes = 400
/** A pack shorter than this says nothing: with more tools than that the limit gives way. */
const leastPack = 4_000
/** Longer texts lose their middle; the pack as a whole is cut to its room after that. */
const longestBlock = 6_000

type Composed = 'looked' | 'evidence' | 'not' | 'unseen' | 'maximumBytes' | 'fence'

export type FirstInput = Omit<PackInput, Composed> & {
  readonly scope: Looked
  /** Whose evidence this is: its labels begin with it. */
  readonly round: number
  readonly evidence: readonly Evidence[]
  /** What is sent before it: the pack has the room that this leaves. */
  readonly head: Pick<Question, 'system' | 'tools'>
}

/** With a reader raw text waits in it: neither planner nor reader is ever sent the message as it stands. */
export function firstMessage({ scope, round, evidence, head, ...input }: FirstInput): string {
  const untried = input.playbooks.filter(({ id }) => !input.tried.includes(id))
  const recognised = recognisedIn(untried, { scope, evidence })
  const { not = [], unseen = [] } = recognised.kind === 'none' ? recognised : {}
  return composePack({
    ...input,
    looked: scope,
    evidence: labelled(round, scope.host.id, evidence),
    not,
    unseen,
    maximumBytes: packRoom(head),
    fence: fences(),
  })
}

/** Bytes of the pack, as it is sent, beside system prompt and tools. */
function packRoom(head: FirstInput['head']): number {
  return Math.max(leastPack, maximumFirstRequest - envelopeBytes - Buffer.byteLength(JSON.stringify(head)))
}

function fences(): PackInput['fence'] {
  const boundary = newBoundary()
  return (label, text, kind) =>
    forModel(text, { label, boundary, maximumCharacters: longestBlock, unread: kind === 'unread' })
}
