// What a correct operator concludes, and from what: one rule for each fault of the lab. A rule fires only where all of
// its clues were told.
import { type Clue, atLeast, is, mentions, type Sign, under } from './clue.ts'

export type Rule = {
  /** The fault of the lab, by its file's name. */
  readonly fault: string
  /** Alerts that it may be behind. */
  readonly alerts: RegExp
  readonly clues: readonly Clue[]
  readonly says: string
  readonly proposes: { readonly playbook: string; readonly of: 'unit' | 'mount' } | 'person'
}

const crashed = /ServiceCrashed|SystemdService|UnitFailed/
const disk = /OutOfDiskSpace|FillIn|OutOfInodes/i
const full = atLeast('usedPercent', 75)

function unit(...signs: readonly Sign[]): Clue {
  return { probe: 'unit-status', signs }
}
const failed = is('activeState', 'failed')
const restart = { playbook: 'service-restart', of: 'unit' } as const
const restore = { playbook: 'config-restore', of: 'unit' } as const

const refused: Clue = { probe: 'config-test', signs: [is('refused', 'true')] }
const accepted: Clue = { probe: 'config-test', signs: [is('refused', 'false')] }
const portTaken: Clue = { probe: 'listeners', signs: [is('taken', 'true')] }
const portFree: Clue = { probe: 'listeners', signs: [is('taken', 'false')] }
const listening: Clue = { probe: 'listeners', signs: [is('allListening', 'true')] }
const diskFull: Clue = { probe: 'disk-usage', signs: [full] }

/** The first whose clues all stand is what it is. */
export const rules: readonly Rule[] = [
  {
    fault: 'bad-config-and-crashed',
    alerts: crashed,
    clues: [
      refused,
      { probe: 'config-digest', signs: [is('changedSinceKnownGood', 'true')] },
      unit(is('result', 'signal'), failed),
    ],
    says: 'It was killed, and a bad edit that waits in its configuration keeps it from starting.',
    proposes: restore,
  },
  {
    fault: 'bad-config',
    alerts: crashed,
    clues: [refused, { probe: 'config-digest', signs: [is('changedSinceKnownGood', 'true')] }, unit(failed)],
    says: 'Its configuration is refused since an edit, so it cannot start.',
    proposes: restore,
  },
  {
    fault: 'port-taken',
    alerts: crashed,
    clues: [portTaken],
    says: 'Something else holds its port; whether that may be stopped is for a person to say.',
    proposes: 'person',
  },
  {
    fault: 'job-refuses-input',
    alerts: crashed,
    clues: [{ probe: 'journal', signs: [mentions(/catalogue generation mismatch/)] }, unit(failed)],
    says: 'The job refuses its own input; starting it again fails in the same way.',
    proposes: 'person',
  },
  {
    fault: 'out-of-memory-kill',
    alerts: /ServiceCrashed|SystemdService|UnitFailed|OomKill/,
    clues: [unit(failed), { probe: 'oom-events', signs: [is('killed', 'true')] }, portFree],
    says: 'The kernel killed it because it outgrew its memory limit.',
    proposes: restart,
  },
  {
    fault: 'start-limit-hit',
    alerts: crashed,
    clues: [unit(is('startLimitHit', 'true'), failed), accepted, portFree],
    says: 'It crashed so often that systemd refuses to start it.',
    proposes: restart,
  },
  {
    fault: 'environment-missing',
    alerts: crashed,
    clues: [unit(is('result', 'resources'), failed), portFree],
    says: 'It could not be started for want of something that its unit names, and did not crash; a start is worth a try.',
    proposes: restart,
  },
  {
    fault: 'service-crashed',
    alerts: crashed,
    clues: [unit(failed, is('result', 'signal', 'core-dump', 'exit-code')), accepted, portFree],
    says: 'It crashed, its configuration is accepted, and its ports are free.',
    proposes: restart,
  },
  {
    fault: 'already-recovered',
    alerts: crashed,
    clues: [unit(is('activeState', 'active')), listening],
    says: 'It runs and listens: there is nothing to repair.',
    proposes: 'person',
  },
  {
    fault: 'healthy-but-noisy',
    alerts: /OomKill/,
    clues: [unit(is('activeState', 'active'))],
    says: 'What was killed for memory is no declared unit, and all that is declared runs.',
    proposes: 'person',
  },
  {
    fault: 'disk-filled-by-logs',
    alerts: disk,
    clues: [{ probe: 'rotated-logs', signs: [atLeast('sharePercent', 10)] }, diskFull],
    says: 'Old rotated logs fill it.',
    proposes: { playbook: 'disk-space-reclaim', of: 'mount' },
  },
  {
    fault: 'deleted-but-open',
    alerts: disk,
    clues: [{ probe: 'deleted-open-files', signs: [atLeast('unaccountedPercent', 20)] }, diskFull],
    says: 'A deleted file that is still open holds its space.',
    proposes: { playbook: 'log-reopen', of: 'mount' },
  },
  {
    fault: 'inodes-exhausted',
    alerts: disk,
    clues: [{ probe: 'inode-hogs', signs: [atLeast('staleCount', 500)] }],
    says: 'Old small files use up its inodes.',
    proposes: { playbook: 'inode-reclaim', of: 'mount' },
  },
  {
    fault: 'log-grown',
    alerts: disk,
    clues: [
      { probe: 'largest-files', signs: [is('largestIsLog', 'true'), atLeast('largestPercent', 30)] },
      { probe: 'disk-usage', signs: [full, under('usedPercent', 94)] },
    ],
    says: 'A log that is still written grew until it filled it, and a compressed copy has room.',
    proposes: { playbook: 'log-rotate-force', of: 'mount' },
  },
  {
    fault: 'disk-full-with-foreign-data',
    alerts: disk,
    clues: [{ probe: 'largest-files', signs: [is('largestIsLog', 'false'), atLeast('largestPercent', 30)] }],
    says: 'What fills it is no log, so it belongs to a person.',
    proposes: 'person',
  },
  {
    fault: 'unknown-fault',
    alerts: /BlackboxProbe|ProbeFailed/,
    clues: [
      { probe: 'http-probe', signs: [is('status', '403')] },
      { probe: 'unit-status', signs: [is('activeState', 'active')] },
    ],
    says: 'It runs and answers that reading is forbidden: its permissions on the site have changed.',
    proposes: 'person',
  },
  {
    fault: 'host-gone',
    alerts: /ExporterDown|HostDown|TargetMissing/,
    clues: [],
    says: 'The host cannot be reached, so nothing can be said of it.',
    proposes: 'person',
  },
]
