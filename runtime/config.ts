// The one YAML file that says what Millwright may do. Without it everything is refused. Unknown keys are refused,
// secrets are references.
import { readFileSync } from 'node:fs'
import { type Document, LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { leastSeconds } from '../domain/budget.ts'
import { Failure } from '../domain/failure.ts'
import { offsetOf } from './config-origins.ts'
import { exposureProblem } from './exposure.ts'
import { complaint } from './unknown-key.ts'

/** `file:/path` or `env:NAME`; the value itself never stands in the config. */
export const SecretReference = z
  .string()
  .regex(/^(file:\/.+|env:[A-Z][A-Z0-9_]*)$/, 'expected a reference, file:/path or env:NAME')

const Name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and dashes')

/**
 * How an alert's labels name something of the inventory. The first rule whose `when` labels all match counts.
 * `host`: the label whose value is a host's name, id, address or address:port, or an endpoint's url. `unit`, `mount`:
 * labels that name those.
 */
const TargetRule = z.strictObject({
  when: z.record(z.string(), z.string()).default({}),
  host: z.string(),
  unit: z.string().optional(),
  mount: z.string().optional(),
})

/** Keys that every source has; the rest of its block is checked by the integration that `use` names. */
const Source = z.looseObject({
  use: Name,
  team: Name.default('default'),
  environment: Name.default('default'),
  targets: z.array(TargetRule).default([]),
  /** Name of the block in `metrics` that holds this source's rules. */
  metrics: Name.optional(),
})

const Environment = z.strictObject({ timezone: z.string().default('UTC') })

const Mode = z.enum(['draft', 'shadow', 'suggest', 'auto'])

const Days = z.int().min(1).max(36_500)

/** Days that closed and past things are kept. What belongs to an open incident stays, however old it is. */
const Retention = z
  .strictObject({
    deliveriesDays: Days.default(30),
    /** Evidence, what models were told and answered, and runs' events: from the closing of their incident on. */
    evidenceDays: Days.default(90),
    /** From their closing on, with everything that is theirs. */
    incidentsDays: Days.default(400),
    /** The ledger of models, too. The database itself refuses to cut an audit record younger than 30 days. */
    auditDays: Days.min(30).default(400),
  })
  .prefault({})

const Spending = z.strictObject({
  tokens: z.int().min(1).optional(),
  /** By list price. */
  dollars: z.number().positive().optional(),
  /** Of waiting for models; no call begins with less than the least. */
  seconds: z.int().min(leastSeconds).optional(),
})

/**
 * What models may use. `incident`: of one, however often it is investigated; the others: in 24 hours. What is not named
 * has no limit.
 */
const Budgets = z
  .strictObject({
    /** Exchanges of one investigation. */
    turns: z.int().min(1).max(12).default(6),
    incident: Spending.prefault({ tokens: 400_000, dollars: 1, seconds: 900 }),
    service: Spending.prefault({ dollars: 5 }),
    team: Spending.prefault({ dollars: 25 }),
    agent: Spending.prefault({ dollars: 50 }),
    day: Spending.prefault({ dollars: 50 }),
  })
  .prefault({})

/** Facts about the house that no probe tells, and questions that its stores can be asked. */
const Profile = z
  .strictObject({
    /** "nginx logs to /var/log/nginx": told to a model as they stand. */
    facts: z.array(z.string().min(1).max(300)).max(20).default([]),
    /** By name: what it tells, and the query; `$host`, `$address` and `$unit` stand for names of the inventory. */
    metrics: z.record(Name, z.strictObject({ says: z.string().max(200), query: z.string().max(2_000) })).default({}),
    logs: z.record(Name, z.strictObject({ says: z.string().max(200), query: z.string().max(2_000) })).default({}),
  })
  .prefault({})

export const Config = z.strictObject({
  listen: z
    .strictObject({
      address: z.string(),
      port: z.int().min(0).max(65535),
      /** PEM of certificate (with its chain) and key. Off loopback either this or `trustedProxies` is needed. */
      tls: z.strictObject({ certificate: SecretReference, key: SecretReference }).optional(),
      /** Addresses of proxies that speak TLS to people; nobody else may connect then. */
      trustedProxies: z
        .array(z.union([z.ipv4(), z.ipv6()]))
        .max(20)
        .optional(),
    })
    .default({ address: '127.0.0.1', port: 8321 }),
  /** How people reach the pages; links in notifications begin with it. Default: `http://<listen>`. */
  url: z.url().optional(),
  environments: z.record(Name, Environment).default({}),
  sources: z.record(Name, Source).default({}),
  metrics: z.record(Name, z.looseObject({ use: Name })).default({}),
  inventory: z.looseObject({ use: Name }).optional(),
  notifiers: z.record(Name, z.looseObject({ use: Name })).default({}),
  /** Log stores; the first one is asked. */
  logs: z.record(Name, z.looseObject({ use: Name })).default({}),
  /** Who is asked about faults that nobody knows. Without it such faults are handed over. */
  models: z
    .strictObject({ planner: z.looseObject({ use: Name }), reader: z.looseObject({ use: Name }).optional() })
    .optional(),
  budgets: Budgets,
  profile: Profile,
  ssh: z
    .strictObject({
      /** Private key of the read account, OpenSSH format. */
      readKey: SecretReference,
      /** Private key of the user CA that signs each run's own key. Whoever holds it is root on every host. */
      certificateAuthority: SecretReference.optional(),
      /** Address that certificates are bound to, as the hosts see it. */
      sourceAddress: z.string().optional(),
    })
    .optional(),
  /** Modes by playbook and environment (`*`: any other). What is not named here is `draft`. */
  playbooks: z.record(Name, z.record(z.union([Name, z.literal('*')]), Mode)).default({}),
  /** Folder of Cedar policies; default: the ones that come with Millwright. */
  policies: z.string().optional(),
  /**
   * What everything is sealed with that Temporal keeps: 32 random bytes in base64. Without it the data folder's own key
   * is used, which is enough as long as the workflow server is our child.
   */
  temporal: z.strictObject({ payloadKey: SecretReference }).optional(),
  telemetry: z
    .strictObject({
      /** Where spans go, OTLP over HTTP: `http://127.0.0.1:4318`. Without it nothing is traced. */
      endpoint: z.url().optional(),
      /** What Prometheus shows at `/metrics`. Without it the page is closed. */
      scrape: z.strictObject({ bearer: SecretReference }).optional(),
    })
    .optional(),
  retention: Retention,
  /** Soaks, cool-downs and approval deadlines are divided by it; only a lab sets it. Every figure prints it. */
  timeFactor: z.number().min(1).default(1),
  /** Seconds that a person has for a decision, before division by `timeFactor`. */
  approvalSeconds: z.int().min(10).default(900),
})
export type Config = z.infer<typeof Config>
export type SourceConfig = z.infer<typeof Source>
export type SpendingConfig = z.infer<typeof Spending>
export type BudgetsConfig = z.infer<typeof Budgets>
export type ProfileConfig = z.infer<typeof Profile>
export type RetentionConfig = z.infer<typeof Retention>
export type TargetRule = z.infer<typeof TargetRule>

/** What stands without a config: nothing is accepted, reached or allowed. */
export const emptyConfig: Config = Config.parse({})

/** Reads and checks the file. Throws `config.invalid` naming the line and what was expected. */
export function readConfig(path: string): Config {
  const text = readText(path)
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true })
  const [problem] = document.errors
  if (problem !== undefined) throw invalid(path, problem.message, problem)
  const result = Config.safeParse(plainValue(document, path) ?? {})
  if (result.success) {
    const exposed = exposureProblem(result.data)
    if (exposed === null) return result.data
    const place = at(document.get('listen', true), lines, ['listen'])
    throw new Failure({ code: 'config.invalid', message: `${path}: ${place}${exposed.message}`, hint: exposed.hint })
  }
  const [issue] = result.error.issues
  const where = issue === undefined ? '' : at(document.getIn(issue.path, true), lines, issue.path)
  const says = issue === undefined ? 'not a valid config' : complaint(Config, issue)
  throw invalid(path, `${where}${says}`, result.error)
}

/** A sentence about a key of a config that was read before, with file and line. */
export function withPlace(path: string, key: readonly string[], says: string): string {
  const lines = new LineCounter()
  const document = parseDocument(readText(path), { lineCounter: lines })
  const nodes = key.map((_, end) => document.getIn(key.slice(0, key.length - end), true))
  const offset = nodes.map(offsetOf).find((one) => one !== null)
  return `${path}: ${offset === undefined ? '' : `line ${lines.linePos(offset ?? 0).line}, `}${says}`
}

function plainValue(document: Document, path: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 })
  } catch (cause) {
    throw invalid(path, 'YAML anchors and aliases are not taken', cause)
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new Failure({
      code: 'config.missing',
      message: `The config file ${path} can't be read.`,
      hint: 'Name a file that can be read. `up` also starts without one: everything is refused then, each refusal names its line.',
      cause,
    })
  }
}

function at(node: unknown, lines: LineCounter, path: readonly PropertyKey[]): string {
  const offset = offsetOf(node)
  const line = offset === null ? '' : `line ${lines.linePos(offset).line}, `
  return `${line}${path.map(String).join('.') || 'top level'}: `
}

function invalid(path: string, detail: string, cause: unknown): Failure {
  return new Failure({
    code: 'config.invalid',
    message: `${path}: ${detail}`,
    hint: `Correct that line, then check it with: npx millwright config validate ${path}`,
    cause,
  })
}
