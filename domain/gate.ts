// What of a model's words counts. It may be hijacked: nothing it wrote survives but by being equal to what stands.
import { type Citation, type Confidence, confidences, type Diagnosis, type Dropped } from './diagnosis.ts'
import { standsIn, tellsFinding } from './evidence-text.ts'
import type { Scalar } from './evidence.ts'
import type { EvidenceId } from './ids.ts'
import type { InventoryHost, Subject } from './inventory.ts'
import { modeIn, type Playbook } from './playbook.ts'
import type { Params } from './predicate.ts'
import { candidates } from './signature.ts'
import { listed } from './text.ts'

/** Characters of one sentence of a model's that people read. */
const longestSentence = 300

/** What a conclusion says, as it was written. Texts are "label: quote" and "what: why". */
export type Concluded = Pick<Diagnosis, 'hypothesis' | 'confidence'> & {
  readonly for: readonly string[]
  readonly against: readonly string[]
  readonly ruledOut: readonly string[]
  readonly gaps: readonly string[]
}

/** Fewer letters stand in almost any answer: quoting them shows nothing. */
const shortestQuote = 8

/** Evidence of the incident, by its label. */
export type Recorded = ReadonlyMap<
  string,
  {
    readonly id: EvidenceId
    /** False where the host was asked and did not answer. */
    readonly seen: boolean
    /** Facts, excerpt (see `EvidenceText`), and what the model was shown of both: a quote may be of each. */
    readonly texts: readonly string[]
  }
>

export type BorneOut = {
  readonly diagnosis: Omit<Diagnosis, 'proposes'>
  readonly dropped: readonly Dropped[]
  /** At least one piece of evidence stands for it. */
  readonly supported: boolean
  /** At least one was seen and is quoted: without that nothing is proposed, and nothing is more than possible. */
  readonly quoted: boolean
}

/** The diagnosis without what nothing bears out: evidence that is not there, words that do not stand in it. */
export function bearOut(concluded: Concluded, recorded: Recorded): BorneOut {
  const pro = citations(concluded.for, recorded)
  const contra = citations(concluded.against, recorded)
  const supported = pro.cited.length > 0
  const quoted = pro.cited.some((one) => shows(one, recorded))
  const hypothesis = sentence(concluded.hypothesis)
  const unsupported = { what: hypothesis, why: 'no evidence that stands bears it out' }
  return {
    diagnosis: {
      hypothesis: supported ? hypothesis : 'No cause that the evidence bears out.',
      confidence: supported ? atMost(quoted ? 'certain' : 'possible', concluded.confidence) : 'unknown',
      for: pro.cited,
      against: contra.cited,
      ruledOut: concluded.ruledOut.map(halves).map(([what, because]) => ({ what, because })),
      gaps: concluded.gaps.map(halves).map(([what, why]) => ({ what, why })),
    },
    dropped: [...(supported ? [] : [unsupported]), ...pro.dropped, ...contra.dropped],
    supported,
    quoted,
  }
}

/** The less sure of the two. */
function atMost(most: Confidence, said: Confidence): Confidence {
  return confidences.indexOf(said) < confidences.indexOf(most) ? most : said
}

/** Whether a citation shows anything but that its evidence is there. */
function shows({ label, quote }: Citation, recorded: Recorded): boolean {
  const evidence = recorded.get(label)
  if (quote === null || quote.length < shortestQuote || evidence === undefined) return false
  const [facts = '', excerpt = ''] = evidence.texts
  return evidence.seen && tellsFinding(quote, { facts, excerpt })
}

function citations(
  texts: readonly string[],
  recorded: Recorded,
): { readonly cited: readonly Citation[]; readonly dropped: readonly Dropped[] } {
  const judged = texts.map((text) => citation(text, recorded))
  return {
    cited: judged.flatMap((one) => ('evidence' in one ? [one] : [])),
    dropped: judged.flatMap((one) => ('why' in one ? [one] : [])),
  }
}

function citation(text: string, recorded: Recorded): Citation | Dropped {
  const what = sentence(text)
  const [, label = '', rest = ''] = /^\s*([^\s:]{1,20})\s*:?\s*([\s\S]*)$/.exec(text) ?? []
  const found = recorded.get(label)
  if (found === undefined) return { what, why: 'this incident holds no such evidence' }
  const quote = rest.trim().replace(/^["“'](.*)["”']$/s, '$1')
  if (quote === '') return { label, evidence: found.id, quote: null }
  if (!standsIn(quote, found.texts)) return { what, why: `these words do not stand in ${label}` }
  return { label, evidence: found.id, quote: sentence(quote) }
}

export type Proposed = { readonly playbook: string; readonly params: Readonly<Record<string, Scalar>> }

export type GateScope = {
  readonly playbooks: readonly Playbook[]
  readonly host: InventoryHost
  readonly subjects: readonly Subject[]
  /** Playbooks that were tried on it already. */
  readonly tried: readonly string[]
}

/** `params` are the inventory's own values, never the model's. */
export type Gated =
  | { readonly kind: 'accepted'; readonly playbook: string; readonly params: Params }
  /** `why` is told to the model and to people. */
  | { readonly kind: 'refused'; readonly why: string }

/**
 * Whether a playbook may be planned here: it stands in the catalogue, is more than a draft in this environment, was not
 * tried, and exactly one assignment that the alert and the inventory allow agrees with every parameter named.
 */
export function gateProposal({ playbook: id, params }: Proposed, scope: GateScope): Gated {
  const playbook = scope.playbooks.find((one) => one.id === id)
  if (playbook === undefined) return refused('the catalogue has no such playbook')
  if (modeIn(playbook, scope.host.environment) === 'draft') return refused(`${id} is a draft in this environment`)
  if (scope.tried.includes(id)) return refused(`${id} was tried before`)
  const given = Object.entries(params)
  const fitting = candidates(playbook.params, scope).filter((one) =>
    given.every(([name, value]) => Object.hasOwn(one, name) && one[name] === value),
  )
  const [first, ...others] = fitting
  if (first === undefined) return refused(`no target of this alert has these parameters for ${id}`)
  if (others.length > 0) return refused(`${id} has several targets here: name ${chosen(playbook)}`)
  return { kind: 'accepted', playbook: id, params: first }
}

/** Names of the parameters that tell its targets from each other. */
function chosen({ params }: Playbook): string {
  return listed(params.flatMap(({ name, provenance }) => (provenance === 'inventory' ? [name] : [])))
}

function refused(why: string): Gated {
  return { kind: 'refused', why }
}

/** "what: why" in its two halves. */
function halves(text: string): readonly [string, string] {
  const at = text.indexOf(': ')
  return at === -1 ? [sentence(text), 'it says no more'] : [sentence(text.slice(0, at)), sentence(text.slice(at + 2))]
}

/** What people read of a model's words: one line, without control characters, of bounded length. */
export function sentence(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
  return line.length > longestSentence ? `${line.slice(0, longestSentence - 1)}…` : line
}
