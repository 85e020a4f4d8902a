// What the same steps take on the same Temporal server when nothing is done in any of them.
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { Client, Connection } from '@temporalio/client'
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import { incidentWorkflowId } from '../../workflows/messages.ts'
import { timed } from '../measuring/result.ts'
import { elsewhere, type noOp, type Nothing, type Step } from './no-op.ts'

const taskQueue = 'bench'
const namespace = 'default'

export type Control = {
  /** The steps of an incident's workflow until then, in their order. */
  readonly stepsOf: (incident: string, until: number) => Promise<readonly Step[]>
  /** Milliseconds of a workflow that does nothing in these steps. */
  readonly milliseconds: (steps: readonly Step[]) => Promise<number>
  readonly stop: () => Promise<void>
}

export async function startControl(address: string): Promise<Control> {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    shutdownSignals: [],
    // Results alone stand on stdout.
    telemetryOptions: { logging: { forward: {}, filter: 'ERROR' } },
    workerHeartbeatInterval: 0,
  })
  const workflowsPath = fileURLToPath(new URL('no-op.ts', import.meta.url))
  const workflowBundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') })
  const connection = await Connection.connect({ address })
  const native = await NativeConnection.connect({ address, grpcCompression: { codec: 'none' } })
  const common = {
    connection: native,
    namespace,
    activities: { nothing: () => Promise.resolve(null) } satisfies Nothing,
  }
  const workers = [
    await Worker.create({ ...common, taskQueue, workflowBundle }),
    // As hands and mind, who run no workflows.
    await Worker.create({ ...common, taskQueue: elsewhere }),
  ]
  const running = Promise.all(workers.map((worker) => worker.run()))
  const { workflow } = new Client({ connection, namespace })
  return {
    stepsOf: async (incident, until) => {
      const { events } = await workflow.getHandle(incidentWorkflowId(incident)).fetchHistory()
      return (events ?? []).flatMap(
        ({ eventTime, activityTaskScheduledEventAttributes, markerRecordedEventAttributes }): readonly Step[] => {
          if (Number(eventTime?.seconds ?? 0) * 1_000 + (eventTime?.nanos ?? 0) / 1e6 > until) return []
          if (activityTaskScheduledEventAttributes) return ['activity']
          return markerRecordedEventAttributes?.markerName === 'core_local_activity' ? ['local'] : []
        },
      )
    },
    milliseconds: (steps) =>
      timed(() =>
        workflow.execute<typeof noOp>('noOp', { taskQueue, workflowId: `bench/${randomUUID()}`, args: [{ steps }] }),
      ),
    stop: async () => {
      for (const worker of workers) worker.shutdown()
      await running
      await native.close()
      await connection.close()
    },
  }
}
