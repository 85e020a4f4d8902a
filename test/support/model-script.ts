// What a model does in a scripted incident.
import type { Begun, Exchanged, LookedFurther, MindActivities } from '../../activities/types.ts'
import type { Judged, Turn } from '../../domain/diagnosis.ts'

export type ModelScript = {
  /** Whether a model is asked. */
  /** `round`: of the evidence that the first message tells of. */
  readonly begin: (round: number) => Begun
  readonly exchange: (turn: number) => Exchanged
  readonly read: (turn: number) => Exchanged
  readonly judge: (turn: number) => Judged
  readonly look: (turn: number) => LookedFurther
}

export const noModel: ModelScript = {
  begin: () => ({ kind: 'no-model', says: 'No known fault fits.' }),
  exchange: () => ({ kind: 'answered' }),
  read: () => ({ kind: 'answered' }),
  judge: () => ({ kind: 'person', says: 'It does not know.' }),
  look: () => ({ unread: false }),
}

export function mindOf(scriptOf: (incident: string) => ModelScript): MindActivities {
  return {
    askModel: async ({ incident, turn }) => scriptOf(incident).exchange(turn),
    readText: async ({ incident, turn }) => scriptOf(incident).read(turn),
  }
}

export function turnOf(investigation: number, turn: number): Turn {
  const cost = { input: 1, cached: 0, output: 1, dollars: 0, milliseconds: 1 }
  const said = { says: '', asks: [], dropped: [], warns: [], judged: 'look', diagnosis: null } as const
  return { investigation, turn, model: 'scripted', ...said, cost }
}
