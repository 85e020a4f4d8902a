// One story per path of the straight line, so that each has a stored history.
import { alertsChanged, askForMore, closeByPerson, type IncidentInput } from '../../workflows/messages.ts'
import type { Played, Theatre } from '../support/play.ts'
import { carriedOut, didNotWork, known, target, type Script } from '../support/stand-ins.ts'

type Path = {
  readonly script: Partial<Script>
  readonly input?: Partial<IncidentInput>
  readonly after?: (story: Played) => Promise<unknown>
}

const close = (story: Played): Promise<unknown> =>
  story.handle.executeUpdate(closeByPerson, { args: [{ person: 'ann', says: 'done by hand' }] })

async function handedOver(story: Played): Promise<void> {
  await story.until('handed-over')
  await close(story)
}

const none: Partial<Script> = { recognise: () => ({ kind: 'none', not: [] }) }

export const paths: Readonly<Record<string, Path>> = {
  repaired: { script: { scope: { ...target, host: 'repaired-01' } } },
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
  'recovered-by-itself': { script: { ...none, health: () => ({}) } },
  'not-applicable': { script: { plan: () => 'not now' }, after: handedOver },
  forbidden: { script: { policy: () => 'forbid' }, after: handedOver },
  approved: { script: { policy: () => 'ask' }, after: (story) => story.decide({}) },
  'more-asked': {
    script: { policy: () => 'ask' },
    after: async (story) => {
      const { digest } = await story.until('asked')
      await story.handle.executeUpdate(askForMore, { args: [{ planDigest: digest, person: 'ann', says: '' }] })
      while (story.kinds().filter((kind) => kind === 'asked').length < 2) await new Promise((r) => setTimeout(r, 10))
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
    script: { policy: () => 'ask', source: () => 'resolved', health: () => ({}) },
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
  undone: { script: { plan: () => ({ hasUndo: true }), hold: () => ({ holds: false }) }, after: handedOver },
  refused: { script: { run: () => ({ kind: 'refused', code: 'stopped', says: 'stopped' }) }, after: handedOver },
  unknown: { script: { run: () => ({ kind: 'unknown', says: 'cut' }) }, after: handedOver },
  unheard: { script: { request: false, deadline: () => new Date(Date.now() - 329_500) }, after: handedOver },
  resumed: {
    script: { standing: { state: 'verifying', sequence: 0, round: 1 } },
    input: { resumed: { sequence: 9, round: 2 } },
    after: handedOver,
  },
}

/** Plays a path to its end. */
export async function playPath(theatre: Theatre, name: string): Promise<Played> {
  const path = paths[name]
  if (path === undefined) throw new Error(`there is no path ${name}`)
  const story = await theatre.begin(path.script, path.input)
  await path.after?.(story)
  await story.over()
  return story
}
