// What `approve`, `reject` and `take-over` share: look at the plan that waits, then decide exactly that plan.
import { confirm, isCancel } from '@clack/prompts'
import type { Command } from 'commander'
import type { Verdict } from '../domain/decision.ts'
import { Failure } from '../domain/failure.ts'
import { short } from '../domain/telling/story.ts'
import type { PendingApproval, PlanView } from '../domain/telling/view.ts'
import { newId } from '../runtime/ids.ts'
import { connect } from './client.ts'
import { exitCode } from './command.ts'
import { incidentNumber } from './incident-number.ts'
import { type ClientOptions, print, say, withClientOptions } from './print.ts'
import { waitForEnd, type WaitOptions, withWait } from './wait.ts'

/** So many characters of a digest name a plan well enough for a person who has seen it. */
const digestCharacters = 8

type DecideOptions = ClientOptions & WaitOptions & { readonly plan?: string; readonly reason?: string }
type Pending = Extract<PendingApproval, { kind: 'pending' }>

/** Adds the arguments and the action to the command. */
export function buildDecision(command: Command, verdict: Verdict): void {
  withClientOptions(command)
    .argument('<incident>', 'INC-142 or 142', incidentNumber)
    .option('--plan <digest>', `the plan that is meant, at least ${digestCharacters} characters of its digest`)
    .option('--reason <words>', 'why; stands in the record')
  if (verdict === 'approve') withWait(command)
  command.action((number: string, options: DecideOptions) => decide(number, verdict, options))
}

const done: Readonly<Record<Verdict, string>> = {
  approve: 'Approved once.',
  reject: 'Rejected.',
  'take-over': 'You have it. Millwright changes nothing there any more.',
}

async function decide(number: string, verdict: Verdict, options: DecideOptions): Promise<void> {
  const client = connect(options.data)
  const waiting = await client.get<PendingApproval>(`/incidents/${number}/approval`)
  if (waiting.kind !== 'pending') throw nothingWaits(number, waiting)
  if (!(await isMeant(number, verdict, waiting, options.plan))) {
    say('Nothing was decided.')
    process.exitCode = exitCode.cancelled
    return
  }
  const body = { id: newId('dec'), verdict, reason: options.reason ?? '' }
  const answer = await client.post(`/plans/${waiting.plan.digest}/decisions`, body)
  print(options.output, answer, () => done[verdict])
  if (verdict !== 'approve') return
  if (waiting.approvals - waiting.approvedBy.length > 1) {
    say('One more person must approve it; until then nothing runs.')
    process.exitCode = exitCode.pending
  }
  if (options.wait === true) await waitForEnd(client, number, options.timeout)
}

/** A plan that the person has not seen is never decided: they name it, or look at it now and say yes. */
async function isMeant(
  number: string,
  verdict: string,
  { plan }: Pending,
  named: string | undefined,
): Promise<boolean> {
  if (named !== undefined) {
    if (named.length >= digestCharacters && plan.digest.startsWith(named.toLowerCase())) return true
    throw new Failure({
      code: 'conflict.plan-changed',
      message: `The plan that waits is ${plan.digest}, not ${named.slice(0, 64)}.`,
      hint: `Look at it with: npx millwright incident show ${number}`,
    })
  }
  say(describe(plan))
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new Failure({
      code: 'input.usage',
      message: 'Without a terminal the plan must be named.',
      hint: `npx millwright ${verdict} ${number} --plan ${plan.digest.slice(0, digestCharacters)}`,
    })
  }
  const answer = await confirm({ message: `${verdict} plan ${short(plan.digest)}?`, output: process.stderr })
  return !isCancel(answer) && answer
}

function describe(plan: PlanView): string {
  const changes = plan.preview.flatMap((change) => [
    `  - ${change.says}${change.reversible ? '' : ' (cannot be undone)'}`,
    ...change.items.map((item) => `      ${String(item)}`),
  ])
  return [`${plan.wants} on ${plan.host}`, `because ${plan.because}`, ...changes, `plan ${plan.digest}`].join('\n')
}

/** Why there is nothing to decide: what became of it. */
export function nothingWaits(number: string, waiting: Exclude<PendingApproval, Pending>): Failure {
  const hint = `Look at it with: npx millwright incident show ${number}`
  switch (waiting.kind) {
    case 'decided': {
      const { person, verdict, at } = waiting.decision
      const message = `INC-${number} is decided already: ${verdict} by ${person} at ${at}.`
      return new Failure({ code: 'conflict.already-decided', message, hint })
    }
    case 'expired':
      return new Failure({
        code: 'conflict.expired',
        message: `The question expired at ${waiting.at}. Nothing ran.`,
        hint,
      })
    case 'looking-anew': {
      const message = `${waiting.person} asked for more at ${waiting.at}: INC-${number} is looked at anew, then it asks anew.`
      return new Failure({ code: 'conflict.plan-changed', message, hint })
    }
    case 'none':
      return new Failure({ code: 'input.not-found', message: `No plan of INC-${number} waits. ${waiting.says}`, hint })
  }
}
