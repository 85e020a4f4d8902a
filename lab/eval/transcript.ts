// A try as a file: what a model was told and answered, what code made of it, and all that it was judged by. It may come
// from anywhere, so it is read closed and within limits.
import { open } from 'node:fs/promises'
import { z } from 'zod'
import { confidences } from '../../domain/diagnosis.ts'
import { Failure } from '../../domain/failure.ts'
import { HostEntry } from '../../integrations/inventory-host.ts'

const largestBytes = 4 * 1024 * 1024
const Line = z.string().max(2_000)
const Text = z.string().max(100_000)
const Name = z.string().max(200)
const Scalar = z.union([z.string().max(4_096), z.number(), z.boolean()])
const Params = z.record(Name, Scalar)
const few = 64
const Digest = z.string().regex(/^[0-9a-f]{64}$/)

const Call = z.strictObject({ id: Name, name: Name, input: z.json() })
const Said = z.strictObject({ role: z.literal('user'), text: Text })
const Results = z.strictObject({
  role: z.literal('results'),
  results: z.array(z.strictObject({ call: Name, text: Text })).max(few),
})

const Judged = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('look') }),
  z.strictObject({ kind: z.literal('again') }),
  z.strictObject({ kind: z.literal('remediate'), playbook: Name, params: Params, says: Line }),
  z.strictObject({ kind: z.literal('code-fix'), says: Line }),
  z.strictObject({ kind: z.literal('person'), says: Line }),
])
const Citation = z.strictObject({ label: Name, evidence: Digest, quote: Line.nullable() })
const Diagnosis = z.strictObject({
  hypothesis: Line,
  confidence: z.enum(confidences),
  for: z.array(Citation).max(few),
  against: z.array(Citation).max(few),
  ruledOut: z.array(z.strictObject({ what: Line, because: Line })).max(few),
  gaps: z.array(z.strictObject({ what: Line, why: Line })).max(few),
  proposes: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('playbook'), playbook: Name, params: Params }),
    z.strictObject({ kind: z.literal('code-fix') }),
    z.strictObject({ kind: z.literal('person') }),
  ]),
})

/** What the gate made of an answer: what a replay compares. */
export const Judgement = z.strictObject({
  judged: Judged,
  dropped: z.array(z.strictObject({ what: Line, why: Line })).max(few),
  diagnosis: Diagnosis.nullable(),
  /** In words. */
  asks: z.array(Line).max(few),
})
export type Judgement = z.infer<typeof Judgement>

const Turn = z.strictObject({
  turn: z.int().min(1).max(few),
  said: z.discriminatedUnion('role', [Said, Results]),
  answer: z.strictObject({
    text: Text,
    calls: z.array(Call).max(few),
    stop: z.enum(['done', 'tools', 'cut-off', 'refused']),
  }),
  usage: z.strictObject({
    input: z.int(),
    cacheRead: z.int(),
    cacheWrite: z.int(),
    output: z.int(),
    dollars: z.number(),
  }),
  /** Exchanges after it, and how much of `evidence` stood by then. */
  left: z.int().min(0).max(few),
  evidence: z.int().min(0),
  tried: z.array(Name).max(few),
  judgement: Judgement,
})

export const Transcript = z.strictObject({
  version: z.literal(1),
  fault: Name,
  model: Name,
  harness: z.record(Name, z.union([z.string().max(200), z.number(), z.null()])),
  head: z.strictObject({
    system: Text,
    tools: z.array(z.strictObject({ name: Name, description: Text, input: z.json() })).max(few),
  }),
  /** The incident's host first, then the others that may be looked at. */
  hosts: z.array(HostEntry).min(1).max(few),
  subjects: z.array(z.strictObject({ kind: z.enum(['unit', 'endpoint', 'mount']), name: Name })).max(few),
  /** Modes of playbooks, by environment. */
  playbooks: z.record(Name, z.record(Name, z.enum(['draft', 'shadow', 'suggest', 'auto']))),
  /** Names of the queries that stores can be asked. */
  queries: z.strictObject({ metrics: z.array(Name).max(few), logs: z.array(Name).max(few) }),
  /** As citations are held against it. */
  evidence: z
    .array(z.strictObject({ label: Name, id: Digest, seen: z.boolean(), texts: z.array(Text).max(4) }))
    .max(2_000),
  turns: z.array(Turn).max(few),
  end: z.strictObject({ state: Name, reason: Name.nullable(), right: z.boolean(), wrongAction: Line.nullable() }),
})
export type Transcript = z.infer<typeof Transcript>

/** Throws `input.too-large` and `input.invalid-payload`, naming the file. */
export async function readTranscript(path: string): Promise<Transcript> {
  const file = await open(path)
  try {
    const buffer = Buffer.alloc(largestBytes + 1)
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0)
    if (bytesRead > largestBytes) {
      throw new Failure({ code: 'input.too-large', message: `${path} is larger than a transcript may be, 4 MiB.` })
    }
    return parsed(path, buffer.toString('utf8', 0, bytesRead))
  } finally {
    await file.close()
  }
}

function parsed(path: string, text: string): Transcript {
  const result = Transcript.safeParse(jsonOf(text))
  if (result.success) return result.data
  const [issue] = result.error.issues
  const field = issue?.path.map(String).join('.') || 'the file'
  const message = `${path} is no transcript: ${field}: ${issue?.message ?? 'not understood'}`
  throw new Failure({ code: 'input.invalid-payload', message })
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
