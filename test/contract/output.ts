// What `demo`, `prove` and `bench` print with `-o json`. Others measure us with it: fields are added, never changed or
// removed.
import { z } from 'zod'

/** After the webhook that opened the incident was recorded, seconds; null: it did not come to that. */
const Seconds = z.number().min(0).nullable()

export const DemoStory = z.strictObject({
  name: z.enum(['service-crashed', 'disk-filled-by-logs', 'environment-missing', 'unknown-fault']),
  host: z.string(),
  /** `INC-1`; null when no incident came up in time. */
  incident: z.string().nullable(),
  incidentId: z.string().nullable(),
  /** `closed`, `handed-over`, or the state in which its time was over. */
  outcome: z.string(),
  /** Why it was closed or handed over. */
  reason: z.string().nullable(),
  /** Who let it run: the name of a policy's rule, or of a person. */
  allowedBy: z.string().nullable(),
  secondsFromWebhook: z.strictObject({
    firstProbe: Seconds,
    plan: Seconds,
    runStart: Seconds,
    /** When the host was well again, seen from outside by the lab. */
    serviceUp: Seconds,
    recovered: Seconds,
    verified: Seconds,
  }),
  /** The lab's judge, who never asks Millwright. */
  oracle: z.strictObject({
    healthy: z.boolean(),
    problems: z.array(z.string()),
    collateral: z.array(z.string()),
  }),
  /** It ended as a correct operator would have ended it. */
  asExpected: z.boolean(),
})
export type DemoStory = z.infer<typeof DemoStory>

export const DemoOutput = z.strictObject({
  version: z.literal(1),
  /** Durations of alert rules, soaks and cool-downs were divided by it. */
  timeFactor: z.number().min(1),
  setUpSeconds: z.number(),
  /** From the first fault to the end of the last story. */
  storySeconds: z.number(),
  stories: z.array(DemoStory),
})
export type DemoOutput = z.infer<typeof DemoOutput>

/** `millwright prove NAME --runs N --seed S -o json`. */
export const ProofOutput = z.strictObject({
  name: z.string(),
  /** Tries that count: of a proof that kills, only those in which the blow landed. */
  runs: z.int().min(0),
  /** Tries that broke the promise, and one for each way in which the proof fell short of showing it. */
  failures: z.int().min(0),
  seed: z.int(),
  seconds: z.number(),
  /** What was promised, in one sentence; then which points were struck, and why the proof fell short, if it did. */
  what: z.string(),
})
export type ProofOutput = z.infer<typeof ProofOutput>

export const Benchmark = z.strictObject({
  name: z.string(),
  value: z.number(),
  unit: z.string(),
  /** The same unit, measured in the same run. */
  control: z.number(),
  /** `value / control`. */
  ratio: z.number(),
  /** What the control is, in words. */
  against: z.string(),
})
export type Benchmark = z.infer<typeof Benchmark>

export const BenchOutput = z.strictObject({ benchmarks: z.array(Benchmark) })
export type BenchOutput = z.infer<typeof BenchOutput>
