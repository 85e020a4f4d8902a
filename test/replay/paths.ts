// One story per path of the straight line, so that each has a stored history.
import { Context } from '@temporalio/activity'
import { ApplicationFailure } from '@temporalio/common'
import { vi } from 'vitest'
import type { Recognised } from '../../activities/types.ts'
import { alertsChanged, askForMore } from '../../workflows/messages.ts'
import type { Played } from '../support/play.ts'
import { alertPaths } from './alert-paths.ts'
import { modelPaths } from './model-paths.ts'
import type { Path } from './path.ts'
import {
  carriedOut,
  didNotWork,
  known,
  longAgo,
  notHeld,
  target,
  type Script,
  well,
  wrong,
} from '../support/stand-ins.ts'

async function handedOver(story: Played): Promise<void> {
  await story.until('handed-over')
  await story.close()
}

const on = (host: string): Partial<Script> => ({ scope: { ...target, host } })
/** What changes while one path is played. */
const now = {
  stopped: false,
  looks: 0,
  well: false,
  passed: false,
  gate: Promise.withResolvers<void>(),
  measuring: Promise.withResolvers<void>(),
}
const onlyRuleFires = { ...well, health: { kind: 'wrong', because: 'only-rule-fires' }, rule: 'firing' } as const
const holds = { says: 'nginx.service is active', answer: 'holds', observed: 'active', evidence: null } as const

const notYet = (): Recognised => {
  now.passed = true
  return { kind: 'none', not: [], passing: true }
}
const none: Partial<Script> = { recognise: () => ({ kind: 'none', not: [] }) }

export const paths: Readonly<Record<string, Path>> = {
  ...alertPaths,
  ...modelPaths,
  repaired: { script: on('repaired-01'), host: 'host' },
  unresolved: { script: { scope: { kind: 'unresolved', says: 'who?' } }, after: handedOver },
  unreachable: {
    script: {
      collect: () => ({
        evidence: [],
        failed: 0,
        milliseconds: 1,
        unreachable: { reason: 'wrong-key', says: 'another key' },
      }),
    },
    after: handedOver,
  },
  ambiguous: {
    script: { recognise: () => ({ kind: 'several', matches: [{ playbook: 'a', says: 'a' }] }) },
    after: handedOver,
  },
  novel: { script: none, after: handedOver },
  'recovered-by-itself': { script: { ...none, health: () => well } },
  'not-applicable': { script: { plan: () => 'not now' }, after: handedOver },
  forbidden: { script: { policy: () => 'forbid' }, after: handedOver },
  approved: { script: { policy: () => 'ask' }, after: (story) => story.decide({}) },
  'more-asked': {
    script: { policy: () => 'ask' },
    after: async (story) => {
      const { digest } = await story.until('asked')
      await story.handle.executeUpdate(askForMore, { args: [{ planDigest: digest, person: 'ann', says: '' }] })
      await vi.waitUntil(() => story.kinds().filter((kind) => kind === 'asked').length > 1, { timeout: 60_000 })
      await story.decide({})
    },
  },
  rejected: {
    script: { policy: () => 'ask' },
    after: async (story) => {
      await story.decide({ verdict: 'reject' })
      await handedOver(story)
    },
  },
  expired: {
    script: { policy: () => 'ask', plan: () => ({ expiresAt: new Date(Date.now() + 300).toISOString() }) },
    after: handedOver,
  },
  withdrawn: {
    script: { policy: () => 'ask', source: () => 'resolved', health: () => well },
    after: async (story) => {
      await story.until('asked')
      await story.handle.signal(alertsChanged)
    },
  },
  'second-playbook': {
    script: {
      recognise: (tried) => known(tried.includes('service-restart') ? 'config-restore' : 'service-restart'),
      run: (playbook) => (playbook === 'service-restart' ? didNotWork : carriedOut),
    },
  },
  undone: { script: { plan: () => ({ hasUndo: true }), hold: () => notHeld }, after: handedOver },
  refused: { script: { run: () => ({ kind: 'refused', code: 'stopped', says: 'stopped' }) }, after: handedOver },
  unknown: { script: { run: () => ({ kind: 'unknown', says: 'cut' }) }, after: handedOver },
  'unknown-yet-well': {
    script: { run: () => ({ kind: 'unknown', says: 'cut' }), health: () => well, source: () => 'resolved' },
    after: handedOver,
  },
  unheard: { script: { request: false, deadline: longAgo }, after: handedOver },
  resumed: {
    script: { standing: { state: 'verifying', sequence: 0, round: 1 } },
    input: { resumed: { sequence: 9, round: 2 } },
    after: handedOver,
  },
  storm: { script: { scope: { kind: 'storm', says: 'too many at once' } }, after: handedOver },
  'looked-again': {
    script: { recognise: () => ({ kind: 'none', not: [], unseen: ['journal: it broke'] }) },
    after: handedOver,
  },
  'passed-by': {
    script: { recognise: () => (now.passed ? known('service-restart') : notYet()) },
  },
  'still-firing': { script: { ...none, health: () => ({ ...onlyRuleFires, checks: [holds] }) }, after: handedOver },
  'broken-step': {
    script: {
      recognise: () => {
        throw ApplicationFailure.nonRetryable('the catalogue is gone')
      },
    },
    after: handedOver,
  },
  waited: {
    script: {
      ...none,
      recognise: () => (now.looks < 3 ? known('service-restart') : { kind: 'none', not: [] }),
      changedBy: () => ((now.looks += 1) < 3 ? 'inc_other' : null),
      health: () => ({ ...well, repairedBy: 7 }),
    },
  },
  // It is recorded in a quarter of an hour: that long an incident waits for another one.
  'waited-in-vain': { script: { changedBy: () => 'inc_other' } },
  'attempts-used': { script: { scope: { ...target, attemptsUsed: 2, tried: ['a', 'b'] } }, after: handedOver },
  'taken-over': {
    script: { policy: () => 'ask' },
    after: async (story) => {
      await story.decide({ verdict: 'take-over' })
      await handedOver(story)
    },
  },
  'two-people': {
    script: { policy: () => 'ask', plan: () => ({ approvals: 2 }) },
    after: async (story) => {
      await story.decide({ person: 'ann' })
      await story.decide({ person: 'bob' })
    },
  },
  'closed-while-asked': {
    script: { policy: () => 'ask' },
    after: async (story) => {
      await story.until('asked')
      await story.close()
    },
  },
  'asked-on': {
    script: { policy: () => 'ask', source: () => 'resolved' },
    after: async (story) => {
      await story.until('asked')
      await story.handle.signal(alertsChanged)
      await story.until('source-resolved')
      await story.decide({})
    },
  },
  'heard-while-measured': {
    script: {
      policy: () => 'ask',
      source: () => 'resolved',
      health: async () => {
        now.measuring.resolve()
        return Context.current().cancelled
      },
    },
    after: async (story) => {
      await story.until('asked')
      await story.handle.signal(alertsChanged)
      await now.measuring.promise
      await story.decide({})
    },
  },
  stopped: {
    script: { policy: () => 'ask', stopped: () => now.stopped },
    after: async (story) => {
      await story.until('asked')
      now.stopped = true
      await story.decide({})
      await story.until('handed-over')
      now.stopped = false
      await story.close()
    },
  },
  'decision-void': {
    script: { policy: () => 'ask', refused: () => ({ kind: 'refused', code: 'conflict.not-delivered', says: 'void' }) },
    after: async (story) => {
      await story.decide({})
      await handedOver(story)
    },
  },
  'run-came-late': {
    script: { ...on('late-01'), deadline: () => new Date(Date.now() - 1_000) },
    after: handedOver,
    host: 'host-late',
  },
  'run-reconciled': {
    script: { ...on('cut-01'), run: () => ({ kind: 'unknown', says: 'cut' }), reconcile: () => carriedOut },
    host: 'host-reconciled',
  },
  'worker-lost': {
    script: { ...on('lost-01'), run: () => Promise.reject(new Error('the worker was lost')) },
    after: handedOver,
    host: 'host-worker-lost',
  },
  'workflow-lost': {
    script: {
      ...on('gone-01'),
      run: async () => {
        await now.gate.promise
        return carriedOut
      },
      reconcile: () => carriedOut,
    },
    lost: true,
    after: async (story) => {
      await story.until('run-ended')
      await handedOver(story)
      now.gate.resolve()
    },
  },
  'not-recovered': {
    script: {
      recognise: (tried) => known(tried.includes('service-restart') ? 'config-restore' : 'service-restart'),
      await: (playbook) => (playbook === 'service-restart' ? wrong : well),
    },
  },
  unseen: {
    script: {
      await: () => {
        throw ApplicationFailure.nonRetryable('nobody could look')
      },
    },
    after: handedOver,
  },
  'undo-rejected': {
    script: {
      policy: (_playbook, undo) => (undo ? 'ask' : 'auto'),
      plan: () => ({ hasUndo: true }),
      await: () => wrong,
    },
    after: async (story) => {
      await story.decide({ verdict: 'reject' })
      await handedOver(story)
    },
  },
  'undo-failed': {
    script: {
      plan: () => ({ hasUndo: true }),
      run: (_playbook, undo) => (undo ? didNotWork : { ...didNotWork, changed: 1 }),
    },
    after: handedOver,
  },
  'resolved-later': {
    script: {
      policy: () => 'forbid',
      source: () => (now.well ? 'resolved' : 'firing'),
      health: () => (now.well ? well : wrong),
    },
    after: async (story) => {
      await story.until('handed-over')
      now.well = true
      await story.handle.signal(alertsChanged)
    },
  },
  continued: {
    script: { standing: { state: 'handed-over', sequence: 0, round: 1 }, source: () => 'resolved' },
    input: { resumed: { sequence: 9, round: 2, remeasures: 3 } },
    after: (story) => story.close(),
  },
}
