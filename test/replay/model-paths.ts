// The paths on which a model is asked.
import { liftBudget } from '../../workflows/messages.ts'
import type { Script } from '../support/stand-ins.ts'
import type { Path } from './path.ts'

const unknownFault: Partial<Script> = {
  recognise: () => ({ kind: 'none', not: [] }),
  begin: () => ({ kind: 'begun', investigation: 1, turns: 6, model: 'm', harness: 'h', bytes: 1, unread: true }),
  policy: () => 'ask',
}
const proposed = { kind: 'remediate', playbook: 'service-restart', params: {}, says: 'It hangs' } as const
const person = { kind: 'person', says: 'It is not known.' } as const
let lifted = false

export const modelPaths: Readonly<Record<string, Path>> = {
  proposed: {
    script: {
      ...unknownFault,
      judge: (turn) => (turn === 1 ? { kind: 'look' } : proposed),
    },
    after: async (story) => story.decide({ planDigest: (await story.until('asked')).digest }),
  },
  'dry-run': { dry: 'dry', script: { ...unknownFault, judge: (turn) => (turn === 1 ? { kind: 'look' } : proposed) } },
  'over-budget': {
    script: {
      ...unknownFault,
      exchange: () => (lifted ? { kind: 'answered' } : { kind: 'over-budget', says: '$1 of $1 is used.' }),
      judge: (turn) => (turn === 1 ? { kind: 'again' } : person),
    },
    after: async (story) => {
      await story.until('handed-over')
      lifted = true
      await story.handle.executeUpdate(liftBudget, { args: [{ id: 'one', person: 'ann', dollars: 1 }] })
      const handed = () => story.kinds().filter((kind) => kind === 'handed-over').length
      while (handed() < 2) await new Promise((resolve) => setTimeout(resolve, 20))
      await story.close()
    },
  },
}
