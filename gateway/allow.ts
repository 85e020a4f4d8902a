// Policy about a person, asked before anything is changed.
import { Failure } from '../domain/failure.ts'
import { type Person, readableTeam } from '../domain/person.ts'
import type { PersonQuestion } from '../policies/evaluate.ts'
import { auditRefusal } from '../store/decision.ts'
import type { GatewayDeps } from './deps.ts'

/** Throws `policy.forbidden` with the rule's sentence, and writes down that it was tried. */
export async function allow(
  { store, policies, now }: GatewayDeps,
  asked: PersonQuestion,
  subject: string,
): Promise<void> {
  const { allowed, rule } = policies().mayDecide(asked)
  if (allowed) return
  const { name, team } = asked.person
  const refusal = { at: now(), team, environment: 'default', person: name, act: `${asked.act}.refused`, subject }
  await auditRefusal(store, { ...refusal, code: 'policy.forbidden', says: rule.says })
  throw new Failure({ code: 'policy.forbidden', message: rule.says, hint: `Rule ${rule.id}.` })
}

/** What belongs to another team is not there for a person who may not read it. */
export function mayRead(person: Person, team: string): boolean {
  const readable = readableTeam(person)
  return readable === null || readable === team
}
