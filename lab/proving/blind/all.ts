// Faults written before their author had read a probe or seen an evidence pack: how often what decides them stands in a
// pack anyway is the honest figure. They were written together and drawn by lot into two sets.
import { deliveries } from './deliveries.ts'
import { filesAndDisks } from './files-and-disks.ts'
import type { BlindFault } from './hands.ts'
import { limitsAndNetwork } from './limits-and-network.ts'
import { webConfiguration } from './web-configuration.ts'

/** Drawn by lot (Python's `random.Random(20261122).shuffle`, the first twelve) before any of them was asked about. */
const drawn: ReadonlySet<string> = new Set([
  'application-throttled',
  'certificate-without-its-key',
  'disk-became-read-only',
  'hardened-too-far',
  'listens-on-loopback-only',
  'masked-in-maintenance',
  'merge-conflict-delivered',
  'never-says-ready',
  'redirects-to-itself',
  'release-folder-pruned',
  'route-to-nowhere',
  'sleep-left-in-the-site',
])

const all: readonly BlindFault[] = [...webConfiguration, ...deliveries, ...filesAndDisks, ...limitsAndNetwork]

/** Asked first; what they showed was mended, and from then on they are tuned as any other. */
export const firstBlind: readonly BlindFault[] = all.filter(({ name }) => !drawn.has(name))

/** Kept back until what the first showed is mended: they tell whether the mending was general. */
export const keptBack: readonly BlindFault[] = all.filter(({ name }) => drawn.has(name))
