// What both workers have in common: one SDK runtime per process, the connection, and an orderly end.
import { NativeConnection, Runtime, type Worker } from '@temporalio/worker'
import type { Logger } from 'pino'
import { Failure } from '../domain/failure.ts'
import type { ProcessContext, Running } from '../runtime/process.ts'

let installed = false

/** The SDK tells as news what only its authors want to know. */
const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'debug', WARN: 'warn', ERROR: 'error' } as const

/** Once per process, before the first connection. The SDK's log goes into ours. */
export function installRuntime(log: Logger): void {
  if (installed) return
  installed = true
  const sdk = log.child({ part: 'temporal' })
  Runtime.install({
    // Our own processes handle signals.
    shutdownSignals: [],
    logger: {
      log: (level, message, meta) => sdk[levels[level]](meta ?? {}, message),
      trace: (message, meta) => sdk.trace(meta ?? {}, message),
      debug: (message, meta) => sdk.debug(meta ?? {}, message),
      info: (message, meta) => sdk.debug(meta ?? {}, message),
      warn: (message, meta) => sdk.warn(meta ?? {}, message),
      error: (message, meta) => sdk.error(meta ?? {}, message),
    },
    telemetryOptions: { logging: { forward: {}, filter: 'WARN' } },
    workerHeartbeatInterval: 0,
  })
}

/** Throws `upstream.unavailable`. */
export async function connectTemporal({ address }: ProcessContext['temporal']): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect({ address, grpcCompression: { codec: 'none' } })
  } catch (cause) {
    throw new Failure({
      code: 'upstream.unavailable',
      message: `Temporal at ${address} can't be reached.`,
      hint: 'Look whether it runs: npx millwright doctor',
      cause,
    })
  }
}

/**
 * Runs workers until they are told to stop. One that ends by itself ends the process: whoever started it starts it
 * anew.
 */
export function runWorkers(workers: readonly Worker[], { log, says, close }: Ending): Running {
  let stopping = false
  const runs = workers.map((worker) =>
    worker.run().catch((error: unknown) => {
      log.fatal({ error }, 'A worker ended by itself.')
      if (!stopping) process.exit(1)
    }),
  )
  const stop = async (): Promise<void> => {
    stopping = true
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown()
    await Promise.all(runs)
    await close()
  }
  return { says, stop }
}

type Ending = { readonly log: Logger; readonly says: string; readonly close: () => Promise<void> }

/** What every worker of ours is told. In-flight work gets time to end; then it is over, whatever hangs. */
export const commonOptions = {
  shutdownGraceTime: '12 seconds',
  shutdownForceTime: '16 seconds',
  // A cancellation comes with the answer to a heartbeat: at most this late.
  maxHeartbeatThrottleInterval: '1 second',
  defaultHeartbeatThrottleInterval: '1 second',
} as const

/**
 * A zone's worker. Nearly all of its activities wait: for a host, or through a soak for the next look. Each costs
 * 0.2 MiB here, and a heartbeat every two seconds there: 400 take a quarter of one core of the embedded server. What
 * costs more has a limit of its own, runs in `hands.ts` and handshakes in `runtime/ssh.ts`: so nobody's watching takes
 * the place of a run or of a first look.
 */
export const handsOptions = { ...commonOptions, maxConcurrentActivityTaskExecutions: 400 } as const
