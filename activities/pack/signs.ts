// What of the facts tells that something is wrong: with it the order in which a model reads them is chosen, and
// nothing else. No playbook is chosen by it.
import type { Evidence, FactValue } from '../../domain/evidence.ts'

type Sign = {
  readonly probe: string
  readonly weight: number
  readonly wrong: (fact: (name: string) => FactValue) => boolean
}

const atLeast = (value: FactValue, least: number): boolean => typeof value === 'number' && value >= least
const some = (value: FactValue): boolean => Array.isArray(value) && value.length > 0

const fullPercent = 85
const largePercent = 40
/** So often a quota of CPU is felt. */
const throttledPercent = 30
/** With so few open files hardly a program starts. */
const fewFiles = 32
const expiresSeconds = 14 * 86_400

const signs: readonly Sign[] = [
  { probe: 'unit-status', weight: 10, wrong: (fact) => fact('activeState') === 'failed' },
  { probe: 'config-test', weight: 10, wrong: (fact) => fact('valid') === false },
  { probe: 'http-probe', weight: 9, wrong: (fact) => fact('ok') === false },
  { probe: 'listeners', weight: 9, wrong: (fact) => fact('taken') === true || fact('allListening') === false },
  { probe: 'certificates', weight: 9, wrong: (fact) => certificateEnds(fact('secondsLeft')) },
  {
    probe: 'unit-limits',
    weight: 9,
    wrong: (fact) => atLeast(fact('nearestPercent'), fullPercent) || isFew(fact('openFilesMax')),
  },
  {
    probe: 'disk-usage',
    weight: 8,
    wrong: (fact) =>
      atLeast(fact('usedPercent'), fullPercent) ||
      atLeast(fact('inodesUsedPercent'), fullPercent) ||
      fact('readOnly') === true ||
      fact('mounted') === false,
  },
  { probe: 'journal', weight: 9, wrong: (fact) => atLeast(fact('errors'), 1) },
  { probe: 'largest-files', weight: 8, wrong: (fact) => atLeast(fact('largestPercent'), largePercent) },
  { probe: 'deleted-open-files', weight: 8, wrong: (fact) => atLeast(fact('unaccountedPercent'), largePercent) },
  { probe: 'failed-units', weight: 9, wrong: (fact) => atLeast(fact('count'), 1) },
  { probe: 'recent-logs', weight: 9, wrong: (fact) => atLeast(fact('errors'), 1) },
  { probe: 'oom-events', weight: 7, wrong: (fact) => fact('killed') === true || fact('mainKilled') === true },
  { probe: 'config-digest', weight: 7, wrong: (fact) => fact('changedSinceKnownGood') === true },
  { probe: 'recent-changes', weight: 7, wrong: (fact) => some(fact('unfinished')) },
  { probe: 'recent-changes', weight: 6, wrong: (fact) => atLeast(fact('count'), 1) },
  { probe: 'memory', weight: 6, wrong: (fact) => atLeast(fact('usedPercent'), fullPercent) },
  // Never wrong by itself: it comes last, but where the alert is about the host as a whole.
  { probe: 'top-processes', weight: 1, wrong: (fact) => atLeast(fact('processes'), 1) },
  { probe: 'unit-processes', weight: 9, wrong: (fact) => atLeast(fact('stopped'), 1) },
  { probe: 'unit-processes', weight: 8, wrong: (fact) => atLeast(fact('throttledPercent'), throttledPercent) },
  { probe: 'unit-processes', weight: 6, wrong: (fact) => some(fact('stuck')) },
  { probe: 'unit-start', weight: 10, wrong: (fact) => some(fact('problems')) },
  { probe: 'unit-start', weight: 8, wrong: (fact) => fact('needsReload') === true || fact('conditionHeld') === false },
  { probe: 'unit-start', weight: 4, wrong: (fact) => some(fact('changed')) || some(fact('dropIns')) },
  { probe: 'named-paths', weight: 9, wrong: (fact) => some(fact('dangling')) },
  { probe: 'named-paths', weight: 6, wrong: (fact) => some(fact('empty')) },
  { probe: 'named-paths', weight: 4, wrong: (fact) => some(fact('missing')) },
  { probe: 'config-changes', weight: 8, wrong: (fact) => some(fact('files')) },
  { probe: 'network', weight: 8, wrong: (fact) => some(fact('refusing')) },
  { probe: 'network', weight: 6, wrong: (fact) => some(fact('down')) || some(fact('losing')) },
  { probe: 'name-servers', weight: 8, wrong: (fact) => some(fact('silent')) },
  { probe: 'lock-files', weight: 7, wrong: (fact) => some(fact('stale')) },
  {
    probe: 'filesystems',
    weight: 8,
    wrong: (fact) => some(fact('full')) || some(fact('fullInodes')) || some(fact('readOnly')),
  },
  { probe: 'time-status', weight: 5, wrong: (fact) => fact('synchronized') === false },
]

function isFew(value: FactValue): boolean {
  return typeof value === 'number' && value < fewFiles
}

function certificateEnds(left: FactValue): boolean {
  return typeof left === 'number' && left < expiresSeconds
}

/** What could not be seen comes after what is wrong and before what is well. */
const notSeen = 3

/** 0: nothing is wrong there. */
export function weightOf({ request, outcome }: Evidence): number {
  if (outcome.status === 'failed') return notSeen
  const fact = (name: string): FactValue => outcome.facts[name] ?? null
  const found = signs.filter(({ probe, wrong }) => probe === request.probe && wrong(fact))
  return Math.max(0, ...found.map(({ weight }) => weight))
}
