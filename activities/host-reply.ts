// What a host's program replied, as evidence: checked against what was asked, parsed with the probe's closed facts,
// redacted.
import { z } from 'zod'
import { canonicalJson } from '../domain/canonical-json.ts'
import type { Evidence, Facts, ProbeFailure, ProbeOutcome, ProbeRequest } from '../domain/evidence.ts'
import { sameRequest } from '../domain/evidence.ts'
import type { InventoryHost } from '../domain/inventory.ts'
import type { Probe } from '../probes/probe.ts'
import { digestOf, sha256 } from '../runtime/digest.ts'
import { redactJson, redactText } from '../runtime/redaction.ts'

const Scalar = z.union([z.string(), z.number(), z.boolean()])
const Params = z.record(z.string(), Scalar)
const Facts = z.record(z.string(), z.union([Scalar, z.null(), z.array(Scalar)]))
const Clock = z.iso.datetime()

const said = { probe: z.string(), clock: Clock, milliseconds: z.int().min(0), digest: z.string() }
const message = z.string()

const Answer = z.discriminatedUnion('outcome', [
  z.strictObject({
    ...said,
    outcome: z.literal('ok'),
    params: Params,
    facts: z.record(z.string(), z.unknown()),
    excerpt: z.string(),
    truncated: z.boolean(),
  }),
  z.strictObject({ ...said, outcome: z.literal('refused'), message }),
  z.strictObject({ ...said, outcome: z.enum(['timeout', 'broken']), params: Params, message }),
])
type Answer = z.infer<typeof Answer>

const Denied = z.looseObject({ denied: z.looseObject({ code: z.string(), message }) })

const Reply = z.strictObject({
  version: z.literal(1),
  host: z.string(),
  schema: z.string(),
  clock: Clock,
  answers: z.array(z.looseObject({ outcome: z.string() })),
})

export type Asked = {
  readonly host: InventoryHost
  readonly requests: readonly ProbeRequest[]
  readonly probes: ReadonlyMap<string, Probe>
  /** Our clock, ISO 8601. */
  readonly takenAt: string
}

/** One piece of evidence for each request, in their order. Never throws: nonsense is the outcome `broken`. */
export function evidenceOfReply(asked: Asked, reply: string): readonly Evidence[] {
  const json = parseJson(reply)
  const denied = Denied.safeParse(json)
  if (denied.success) return failedEvidence(asked, 'refused', denied.data.denied.message)
  const parsed = Reply.safeParse(json)
  if (!parsed.success) return failedEvidence(asked, 'broken', 'The host replied with something that is no reply.')
  const { host, answers } = parsed.data
  if (host !== asked.host.id) return failedEvidence(asked, 'broken', `The host says that it is "${host.slice(0, 63)}".`)
  if (answers.length !== asked.requests.length) {
    return failedEvidence(asked, 'broken', `The host answered ${answers.length} of ${asked.requests.length} probes.`)
  }
  return asked.requests.map((request, at) => evidenceOfAnswer(asked, request, answers[at]))
}

/** The same failure for every request. */
export function failedEvidence(asked: Asked, reason: ProbeFailure, says: string): readonly Evidence[] {
  return asked.requests.map((request) => seal(asked, request, failed(reason, says)))
}

function evidenceOfAnswer(asked: Asked, request: ProbeRequest, raw: unknown): Evidence {
  const answer = Answer.safeParse(raw)
  if (!answer.success) return seal(asked, request, failed('broken', 'The answer is not one.'))
  const { digest, ...rest } = answer.data
  if (sha256(canonicalJson(withoutDigest(raw))) !== digest || rest.probe !== request.probe) {
    return seal(asked, request, failed('broken', 'The answer does not belong to the question.'))
  }
  return seal(asked, request, outcomeOf(asked, request, answer.data), { clock: rest.clock, digest })
}

function outcomeOf({ probes }: Asked, request: ProbeRequest, answer: Answer): ProbeOutcome {
  if (answer.outcome === 'refused') return failed('refused', answer.message)
  if (!sameRequest({ probe: answer.probe, params: answer.params }, request)) {
    return failed('broken', 'The answer does not belong to the question.')
  }
  if (answer.outcome !== 'ok') return failed(answer.outcome, answer.message)
  const facts = factsOf(probes.get(request.probe), answer.facts)
  if (facts === null) return failed('broken', 'The facts are not those that this probe has.')
  return { status: 'ok', facts, excerpt: redactText(answer.excerpt), truncated: answer.truncated }
}

function factsOf(probe: Probe | undefined, raw: unknown): Facts | null {
  const closed = probe?.facts.safeParse(raw)
  if (closed === undefined || !closed.success) return null
  const scalars = Facts.safeParse(closed.data)
  if (!scalars.success) return null
  const redacted = Facts.safeParse(redactJson(scalars.data))
  return redacted.success ? redacted.data : null
}

function failed(reason: ProbeFailure, says: string): ProbeOutcome {
  return { status: 'failed', reason, message: redactText(says).slice(0, 500) }
}

type Said = { readonly clock: string; readonly digest: string }

/** Content-addressed: the id is the digest of everything that was answered. */
function seal({ takenAt }: Asked, request: ProbeRequest, outcome: ProbeOutcome, host?: Said): Evidence {
  const answered = { request, outcome, hostClock: host?.clock ?? null, hostDigest: host?.digest ?? null }
  const id: string = digestOf(answered)
  return { id, ...answered, takenAt }
}

function withoutDigest(raw: unknown): unknown {
  return typeof raw === 'object' && raw !== null ? { ...raw, digest: undefined } : raw
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
