// Asks the host's workflow for a run: signal-with-start, so that it need not be there yet.
import type { HostId } from '../domain/ids.ts'
import type { RunRequest } from '../domain/run.ts'
import type { ControlActivities } from './types.ts'

export type RequestRunDeps = {
  readonly signalHost: (input: { host: HostId; zone: string; request: RunRequest }) => Promise<void>
}

export function createRequestRun({ signalHost }: RequestRunDeps): ControlActivities['requestRun'] {
  return async (input) => {
    await signalHost(input)
    return { asked: true }
  }
}
