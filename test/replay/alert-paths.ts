// The paths on which another alert comes.
import type { Soaked } from '../../activities/types.ts'
import { held, known, type Script, well, wrong } from '../support/stand-ins.ts'
import type { Path } from './path.ts'

const interrupting = (how: Soaked): Partial<Script> => ({
  recognise: (tried) => known(tried.includes('service-restart') ? 'disk-space-reclaim' : 'service-restart'),
  hold: (playbook) => (playbook === 'service-restart' ? how : held),
})
let firings = 1

export const alertPaths: Readonly<Record<string, Path>> = {
  interrupted: { script: interrupting({ ...wrong, kind: 'interrupted' }) },
  others: { script: interrupting({ ...well, kind: 'others', heldSeconds: 1 }) },
  'more-alerts': {
    script: {
      firings: () => firings,
      hold: () => {
        firings = 2
        return held
      },
      health: () => ({ ...well, firings: 2 }),
    },
  },
}
