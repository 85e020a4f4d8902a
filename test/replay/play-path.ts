// Plays the paths of the straight line.
import { vi } from 'vitest'
import type { Played, Theatre } from '../support/play.ts'
import type { Path } from './path.ts'
import { paths } from './paths.ts'

/** Of all histories: one of each path, and of hosts. */
export const names: readonly string[] = Object.entries(paths).flatMap(([name, { host }]) =>
  host === undefined ? [name] : [name, host],
)

/** Plays a path to its end. */
export async function playPath(theatre: Theatre, path: Path): Promise<Played> {
  const first = await theatre.begin(path.script, path.input, path.dry)
  const story = path.lost === true ? await losing(theatre, path, first) : first
  await path.after?.(story)
  await story.over()
  return story
}

/** The workflow is gone in the middle of a run, and another one takes the incident up. */
async function losing(theatre: Theatre, { script }: Path, { incident, handle, until }: Played): Promise<Played> {
  await until('run-requested')
  await vi.waitUntil(() => theatre.stage.begun(incident).length > 0, { timeout: 60_000 })
  await handle.terminate('lost')
  return theatre.begin(script, { incident, resumed: { sequence: 9, round: 1 } })
}
