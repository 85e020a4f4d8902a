import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Person } from '../../domain/person.ts'
import { type Act, loadPolicies, type PersonQuestion, type PlanQuestion } from '../../policies/evaluate.ts'

const policies = loadPolicies()

const known: PlanQuestion = {
  agent: 'millwright',
  plan: {
    kind: 'remediate',
    playbook: { id: 'service-restart', version: '1.0.0', digest: 'd' },
    tier: 1,
    environment: 'lab',
    signature: 'crashed',
  },
  owner: 'platform',
  mode: 'auto',
  stopped: false,
  quarantined: false,
  changesThisHour: 0,
  changesAllowed: 2,
  coolingDown: false,
  conflicting: false,
  hostsThisHour: 0,
  hostsAllowed: 5,
  day: 2,
  hour: 3,
  openHours: null,
}

describe('a plan', () => {
  const cases: readonly (readonly [string, Partial<PlanQuestion>, string, string])[] = [
    ['a known fault of tier 1 in the lab is repaired alone', {}, 'auto', 'known-fault-alone'],
    ['tier 2 asks', { plan: { ...known.plan, tier: 2 } }, 'ask', 'tier-two-asks'],
    ['tier 3 asks two people', { plan: { ...known.plan, tier: 3 } }, 'ask', 'tier-three-two-people'],
    ['production asks', { plan: { ...known.plan, environment: 'production' } }, 'ask', 'production-asks'],
    ['the mode suggest asks', { mode: 'suggest' }, 'ask', 'mode-suggest'],
    ['a guess asks', { plan: { ...known.plan, signature: null } }, 'ask', 'fault-not-known'],
    ['a host that was changed a moment ago asks', { coolingDown: true }, 'ask', 'cooling-down'],
    ['a draft is never carried out', { mode: 'draft' }, 'forbid', 'mode-draft'],
    ['a shadow is never carried out', { mode: 'shadow' }, 'forbid', 'mode-shadow'],
    [
      'the third change within an hour is forbidden',
      { changesThisHour: 2, changesAllowed: 9 },
      'forbid',
      'changes-per-hour',
    ],
    [
      'a stricter limit of the playbook counts',
      { changesThisHour: 1, changesAllowed: 1 },
      'forbid',
      'changes-per-hour',
    ],
    ['so many hosts an hour and no more', { hostsThisHour: 5 }, 'forbid', 'hosts-per-hour'],
    ['the last host that is allowed is changed', { hostsThisHour: 4 }, 'auto', 'known-fault-alone'],
    ['what conflicts with an earlier change is forbidden', { conflicting: true }, 'forbid', 'conflicting-playbook'],
    ['outside of its windows nothing is carried out', { openHours: [50, 52] }, 'forbid', 'outside-windows'],
    ['inside of them it is', { openHours: [51] }, 'auto', 'known-fault-alone'],
    ['what has no open hour is never carried out', { openHours: [] }, 'forbid', 'outside-windows'],
    [
      'an undo is not held up by any of them',
      { plan: { ...known.plan, kind: 'undo' }, hostsThisHour: 9, conflicting: true, openHours: [] },
      'auto',
      'known-fault-alone',
    ],
    ['a host in quarantine is left alone', { quarantined: true }, 'forbid', 'host-quarantined'],
    ['nothing runs while changes are stopped', { stopped: true, mode: 'draft' }, 'forbid', 'stopped'],
  ]

  test.each(cases)('%s', (_name, change, verdict, rule) => {
    const answer = policies.decidePlan({ ...known, ...change })

    expect({ verdict: answer.verdict, rule: answer.rule.id }).toEqual({ verdict, rule })
    expect(answer.policies).toBe(policies.digest)
  })

  test('an undo does not count against the hour and does not wait for a cool-down', () => {
    const undo = { ...known, plan: { ...known.plan, kind: 'undo' as const }, changesThisHour: 2, coolingDown: true }

    expect(policies.decidePlan(undo).verdict).toBe('auto')
  })

  test('what no rule allows is forbidden, and it says so', () => {
    const folder = mkdtempSync(join(tmpdir(), 'policies-'))
    writeFileSync(
      join(folder, 'a.cedar'),
      '@id("x") @says("y") permit (principal is Person, action == Action::"stop", resource);',
    )

    expect(loadPolicies(folder).decidePlan(known)).toMatchObject({ verdict: 'forbid', rule: { id: 'no-rule' } })
  })
})

describe('a person', () => {
  const judged = { authors: ['platform'], approved: [], hands: [] }
  const person: Person = { name: 'ann', role: 'approver', team: 'web' }
  const ann: PersonQuestion = {
    person,
    act: 'approve',
    team: 'web',
    plan: judged,
  }
  type Change = { readonly person?: Person; readonly team?: string } & (Act | { readonly act?: never })
  const by = (name: string, ...hands: readonly string[]) => ({ ...judged, approved: [{ name, hands }] })
  const cases: readonly (readonly [string, Change, boolean, string])[] = [
    ['an approver of the team approves', {}, true, 'approvers-decide'],
    ['a viewer does not', { person: { ...person, role: 'viewer' } }, false, 'viewers-read'],
    ['a viewer does not stop', { person: { ...person, role: 'viewer' }, act: 'stop' }, false, 'viewers-read'],
    ['an approver of another team does not', { team: 'data' }, false, 'own-team'],
    ['an admin of another team does', { team: 'data', person: { ...person, role: 'admin' } }, true, 'approvers-decide'],
    [
      'who wrote the playbook does not',
      { act: 'approve', plan: { ...judged, authors: ['x', 'ann'] } },
      false,
      'four-eyes',
    ],
    [
      'whom its author let in for it does not',
      { act: 'approve', plan: { ...judged, authors: ['eve'], hands: ['eve'] } },
      false,
      'four-eyes',
    ],
    ['the same person is not the second one', { act: 'approve', plan: by('ann') }, false, 'another-person'],
    ['another person is', { act: 'approve', plan: by('bob', 'eve') }, true, 'approvers-decide'],
    [
      'nobody is the second one to whom let them in',
      { act: 'approve', plan: { ...by('eve'), hands: ['eve'] } },
      false,
      'same-hand',
    ],
    ['nor to whom they let in', { act: 'approve', plan: by('bob', 'ann') }, false, 'same-hand'],
    [
      'nor to another whom the same hand let in',
      { act: 'approve', plan: { ...by('bob', 'eve'), hands: ['eve'] } },
      false,
      'same-hand',
    ],
    ['whoever wrote it may reject', { act: 'reject' }, true, 'approvers-decide'],
    ['an approver quarantines a host of the team', { act: 'quarantine' }, true, 'approvers-decide'],
    ['an approver lifts a budget of the team', { act: 'lift-budget' }, true, 'approvers-decide'],
    ['of another team nobody does', { act: 'lift-budget', team: 'data' }, false, 'own-team'],
    ['an approver begins a dry run of the team', { act: 'dry-run' }, true, 'approvers-decide'],
    ['of another team nobody begins one', { act: 'dry-run', team: 'data' }, false, 'own-team'],
    ['of another team nobody releases a host', { act: 'release', team: 'data' }, false, 'own-team'],
    ['of another team nobody resumes its stop', { act: 'resume', stoppedBy: 'dan', team: 'data' }, false, 'own-stop'],
    [
      'whoever stopped resumes, also from another team',
      { act: 'resume', stoppedBy: 'ann', team: 'data' },
      true,
      'anybody-on-call-stops',
    ],
    [
      'an admin resumes every stop',
      { act: 'resume', stoppedBy: 'dan', team: 'data', person: { ...person, role: 'admin' } },
      true,
      'anybody-on-call-stops',
    ],
    ['an approver lets nobody in', { act: 'invite', name: 'bob' }, false, 'admins-let-in'],
    [
      'an admin lets people in, of every team',
      { act: 'invite', name: 'bob', team: 'data', person: { ...person, role: 'admin' } },
      true,
      'admins-govern',
    ],
    [
      'an admin does not remove themselves',
      { act: 'remove', name: 'ann', person: { ...person, role: 'admin' } },
      false,
      'not-oneself',
    ],
    ['an approver takes over', { act: 'take-over' }, true, 'approvers-decide'],
    ['an approver of any team stops', { act: 'stop', team: 'data' }, true, 'anybody-on-call-stops'],
  ]

  test.each(cases)('%s', (_name, change, allowed, rule) => {
    const { act, ...rest } = change
    const answer = policies.mayDecide(act === undefined ? { ...ann, ...rest } : { person, team: 'web', ...change })

    expect({ allowed: answer.allowed, rule: answer.rule.id }).toEqual({ allowed, rule })
  })
})

describe('a folder of policies', () => {
  test('with a prohibition that breaks while it is asked lets nothing run', () => {
    const folder = mkdtempSync(join(tmpdir(), 'policies-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const everything = '@id("all") @says("All.") permit (principal, action, resource);'
    const tooLarge = 'context.hour * 9223372036854775807 > 0'
    const breaks = `@id("breaks") @says("Breaks.") forbid (principal is Agent, action, resource) when { ${tooLarge} };`
    writeFileSync(join(folder, 'a.cedar'), `${everything}\n${breaks}\n`)
    expect(() => loadPolicies(folder).decidePlan(known)).toThrow('The policies could not be asked')
  })

  const broken: readonly (readonly [string, string, RegExp])[] = [
    ['does not parse', 'permit (', /Policies in/],
    ['has a rule without a sentence', '@id("x") permit (principal, action, resource);', /@says/],
    [
      'asks for what is not there',
      '@id("x") @says("y") permit (principal is Agent, action == Action::"act", resource) when { context.moon };',
      /rule x/,
    ],
  ]

  test.each(broken)('that %s is refused', (_name, text, message) => {
    const folder = mkdtempSync(join(tmpdir(), 'policies-'))
    writeFileSync(join(folder, 'a.cedar'), text)

    expect(() => loadPolicies(folder)).toThrow(message)
  })
})
