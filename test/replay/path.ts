// What a path of the straight line is, to be played and replayed.
import type { IncidentInput } from '../../workflows/messages.ts'
import type { Played } from '../support/play.ts'
import type { Script } from '../support/stand-ins.ts'

export type Path = {
  readonly script: Partial<Script>
  /** The story of a dry run. */
  readonly dry?: 'dry'
  readonly input?: Partial<IncidentInput>
  readonly after?: (story: Played) => Promise<unknown>
  /** Also the history of the host that it was about, as a file of this name. */
  readonly host?: string
  /** Its workflow is lost as soon as a run is under way. */
  readonly lost?: true
}
