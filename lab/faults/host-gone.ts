import type { Fault } from '../fault.ts'
import { servesPage } from '../look.ts'
import { setLink } from '../network.ts'

export default {
  summary: "The host's link is cut: nothing reaches it, though it is well inside.",
  alert: 'HostExporterDown',
  clue: null,
  ending: { kind: 'handed-over', why: 'A host that cannot be reached cannot be looked at.' },
  mayChange: { units: [], ports: [], files: [] },
  break: ({ state, host }) => setLink(state, host, 'down'),
  judge: async (target) => ({
    problems: (await servesPage(target)) ? [] : ['The host does not answer from outside.'],
    collateral: [],
  }),
  heal: ({ state, host }) => setLink(state, host, 'up'),
} satisfies Fault
