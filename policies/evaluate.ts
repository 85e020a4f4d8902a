// Asks the Cedar policies. What no rule allows is refused; the answer names the rule, and its sentence is what the
// screen shows.
import { preparsePolicySet, preparseSchema, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs'
import type { Context, EntityJson, TypeAndId } from '@cedar-policy/cedar-wasm/nodejs'
import type { PolicyAnswer, Verdict } from '../domain/decision.ts'
import { Failure } from '../domain/failure.ts'
import type { Digest } from '../domain/ids.ts'
import type { Person } from '../domain/person.ts'
import type { Plan } from '../domain/plan.ts'
import type { Mode } from '../domain/playbook.ts'
import { readPolicies, shippedPolicies, type Rule } from './read.ts'

/** Everything that the rules about a plan may ask for. All of it is measured by code, in SQL and config. */
export type PlanQuestion = {
  /** Who would carry it out: an agent's name. */
  readonly agent: string
  readonly plan: Pick<Plan, 'kind' | 'playbook' | 'tier' | 'environment' | 'signature'>
  readonly owner: string
  readonly mode: Mode
  readonly stopped: boolean
  readonly quarantined: boolean
  /** Runs of this playbook on this host within the last 60 minutes that may have changed something. */
  readonly changesThisHour: number
  readonly changesAllowed: number
  readonly coolingDown: boolean
  /** One of the playbooks that must not come together with this one changed the host within its cool-down. */
  readonly conflicting: boolean
  /** Other hosts of the environment that this playbook changed within the last 60 minutes. */
  readonly hostsThisHour: number
  readonly hostsAllowed: number
  /** 0–6 in the environment's time zone; 0 is Monday. */
  readonly day: number
  /** 0–23 in the environment's time zone. */
  readonly hour: number
  /** The hours of the week in which it may be carried out, 0 is Monday 0:00; null: all. */
  readonly openHours: readonly number[] | null
}

/** Somebody who approved a plan, and the hands that let them in or changed them since it was made. */
export type Approver = { readonly name: string; readonly hands: readonly string[] }

/** What the rules about a person's approval may ask for. */
export type Judgement = {
  /** Who has approved it already. */
  readonly approved: readonly Approver[]
  /** Owner and authors of the playbook's version. */
  readonly authors: readonly string[]
  /** The hands behind the person who asks. */
  readonly hands: readonly string[]
}

type PlainAct = 'ask-more' | 'snooze' | 'close' | 'lift-budget' | 'dry-run' | 'stop' | 'quarantine' | 'release'

/** What a person wants to do. */
export type Act =
  | { readonly act: 'approve'; readonly plan: Judgement }
  | { readonly act: Exclude<Verdict, 'approve'> | PlainAct }
  | { readonly act: 'resume'; readonly stoppedBy: string }
  | { readonly act: 'invite' | 'remove'; readonly name: string }

export type PersonQuestion = Act & {
  readonly person: Person
  /** Team that the incident, the host, the stop or the other person belongs to. */
  readonly team: string
}

export type Permission = { readonly allowed: boolean; readonly rule: PolicyAnswer['rule'] }

export type Policies = {
  readonly digest: Digest
  readonly decidePlan: (question: PlanQuestion) => PolicyAnswer
  readonly mayDecide: (question: PersonQuestion) => Permission
}

/** What is said when nothing matches. */
export const noRule = { id: 'no-rule', says: 'No rule allows it.' } as const

/**
 * Reads, checks and prepares every `*.cedar` of a folder. Throws `config.invalid` naming the rule and what is wrong
 * with it.
 */
export function loadPolicies(folder: string = shippedPolicies): Policies {
  const { digest, schema, rules } = readPolicies(folder)
  const policies = Object.fromEntries(rules.map((rule) => [rule.id, rule.text]))
  const prepared = [preparseSchema(digest, schema), preparsePolicySet(digest, { staticPolicies: policies })]
  const broken = prepared.find((answer) => answer.type === 'failure')
  if (broken !== undefined) throw notPrepared(folder, broken.errors)
  const authorise = (request: Request): Authorised => ask(digest, rules, request)
  return {
    digest,
    decidePlan: (question) => ({ ...decidePlan(authorise, question), policies: digest }),
    mayDecide: (question) => mayDecide(authorise, question),
  }
}

type Request = {
  readonly principal: TypeAndId
  readonly action: string
  readonly resource: TypeAndId
  readonly context: Context
  readonly entities: EntityJson[]
}

type Authorised = { readonly allowed: boolean; readonly rules: readonly Rule[] }

function decidePlan(
  authorise: (request: Request) => Authorised,
  question: PlanQuestion,
): Omit<PolicyAnswer, 'policies'> {
  const alone = authorise(planRequest('act', question))
  if (alone.allowed) return { verdict: 'auto', rule: named(alone.rules) }
  const asked = authorise(planRequest('ask', question))
  if (!asked.allowed) return { verdict: 'forbid', rule: named(asked.rules) }
  // A person wants to know why they are asked: the rule that keeps it from acting alone, where there is one.
  return { verdict: 'ask', rule: named(alone.rules.length > 0 ? alone.rules : asked.rules) }
}

function planRequest(action: 'act' | 'ask', question: PlanQuestion): Request {
  const { plan } = question
  const principal = { type: 'Agent', id: question.agent }
  const resource = { type: 'Playbook', id: plan.playbook.id }
  return {
    principal,
    action,
    resource,
    context: {
      kind: plan.kind,
      environment: plan.environment,
      mode: question.mode,
      knownFault: plan.signature !== null,
      stopped: question.stopped,
      quarantined: question.quarantined,
      changesThisHour: question.changesThisHour,
      changesAllowed: question.changesAllowed,
      coolingDown: question.coolingDown,
      conflicting: question.conflicting,
      hostsThisHour: question.hostsThisHour,
      hostsAllowed: question.hostsAllowed,
      day: question.day,
      hour: question.hour,
      ...(question.openHours === null ? {} : { openHours: [...question.openHours] }),
    },
    entities: [
      { uid: principal, attrs: {}, parents: [] },
      { uid: resource, attrs: { owner: question.owner, tier: plan.tier }, parents: [] },
    ],
  }
}

/** Where Cedar's name differs. */
const actions: Readonly<Record<string, string>> = {
  'take-over': 'takeOver',
  'ask-more': 'askMore',
  'lift-budget': 'liftBudget',
  'dry-run': 'dryRun',
}

function mayDecide(authorise: (request: Request) => Authorised, question: PersonQuestion): Permission {
  const { person, act } = question
  const principal = { type: 'Person', id: person.name }
  const { allowed, rules } = authorise({
    principal,
    action: actions[act] ?? act,
    resource: { type: 'Team', id: question.team },
    context: contextOf(question),
    entities: [
      { uid: { type: 'Team', id: question.team }, attrs: {}, parents: [] },
      { uid: principal, attrs: { name: person.name, role: person.role }, parents: [{ type: 'Team', id: person.team }] },
    ],
  })
  return { allowed, rule: named(rules) }
}

function contextOf(question: PersonQuestion): Context {
  switch (question.act) {
    case 'approve': {
      const { approved, authors, hands } = question.plan
      return {
        approvedBy: approved.map(({ name }) => name),
        approvedHands: approved.flatMap((one) => one.hands),
        authors: [...authors],
        hands: [...hands],
      }
    }
    case 'resume':
      return { stoppedBy: question.stoppedBy }
    case 'invite':
    case 'remove':
      return { name: question.name }
    default:
      return {}
  }
}

function named([first]: readonly Rule[]): PolicyAnswer['rule'] {
  return first === undefined ? noRule : { id: first.id, says: first.says }
}

function ask(digest: Digest, rules: readonly Rule[], request: Request): Authorised {
  const answer = statefulIsAuthorized({
    principal: request.principal,
    action: { type: 'Action', id: request.action },
    resource: request.resource,
    context: request.context,
    entities: request.entities,
    preparsedSchemaName: digest,
    preparsedPolicySetId: digest,
    validateRequest: true,
  })
  if (answer.type === 'failure') throw notAnswered(answer.errors)
  const { decision, diagnostics } = answer.response
  // Cedar skips a rule that fails; a skipped prohibition would be a permission.
  if (diagnostics.errors.length > 0) throw notAnswered(diagnostics.errors.map((one) => one.error))
  return { allowed: decision === 'allow', rules: rules.filter((rule) => diagnostics.reason.includes(rule.id)) }
}

type Problem = { readonly message: string }

function notPrepared(folder: string, errors: readonly Problem[]): Failure {
  return new Failure({
    code: 'config.invalid',
    message: `The policies in ${folder} can't be used: ${errors.map((error) => error.message).join('; ')}`,
    hint: 'Correct the rule that is named, then start again.',
  })
}

function notAnswered(errors: readonly Problem[]): Failure {
  return new Failure({
    code: 'bug',
    message: `The policies could not be asked: ${errors.map((error) => error.message).join('; ')}`,
    hint: 'Nothing runs while the policies give no answer.',
  })
}
