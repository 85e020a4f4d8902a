// A namespace of its own for each test file, on the run's one real server.
import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import { msToTs } from '@temporalio/common/lib/time.js'
import { DefaultLogger, NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker'
import { inject } from 'vitest'
import { payloadKeyBytes, sealedWith } from '../../runtime/payload-codec.ts'

export type TestTemporal = {
  readonly client: Client
  /** Reaches the same server, and has no key. */
  readonly stranger: Client
  /** Seals what client and workers send; null where it goes as it is. */
  readonly key: Buffer | null
  readonly namespace: string
  readonly address: string
  /** The same with another key. */
  readonly rekeyed: () => Pick<TestTemporal, 'client' | 'work'>
  /** Starts a worker and runs it until `end`, or until it is stopped. */
  readonly work: (options: Omit<WorkerOptions, 'connection' | 'namespace'>) => Promise<RunningWorker>
  readonly end: () => Promise<void>
}

export type RunningWorker = { readonly stop: () => Promise<void> }

let installed = false

/** `const temporal = await testTemporal()` in `beforeAll`; `end` in `afterAll`. `plain`: histories that can be read. */
export async function testTemporal(
  how: 'sealed' | 'plain' = 'sealed',
  address: string = inject('temporalAddress'),
): Promise<TestTemporal> {
  if (!installed)
    Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [], workerHeartbeatInterval: 0 })
  installed = true
  const connection = await Connection.connect({ address })
  const native = await NativeConnection.connect({ address, grpcCompression: { codec: 'none' } })
  const namespace = await newNamespace(connection)
  const workers: RunningWorker[] = []
  const key = how === 'plain' ? null : randomBytes(payloadKeyBytes)
  const speaking = (sealedBy: Buffer | null): Pick<TestTemporal, 'client' | 'work'> => {
    const sealed = sealedBy === null ? {} : { dataConverter: sealedWith(sealedBy) }
    const work: TestTemporal['work'] = async (options) => {
      const worker = await Worker.create({ identity: 'test', ...sealed, ...options, connection: native, namespace })
      const running = worker.run()
      const stop = async () => {
        if (worker.getState() === 'RUNNING') worker.shutdown()
        await running
      }
      workers.push({ stop })
      return { stop }
    }
    return { work, client: new Client({ connection, namespace, identity: 'test', ...sealed }) }
  }
  const rekeyed = () => speaking(randomBytes(payloadKeyBytes))
  const end = async () => {
    await Promise.all(workers.map((worker) => worker.stop()))
    await native.close()
    await connection.close()
  }
  const stranger = new Client({ connection, namespace, identity: 'stranger' })
  return { ...speaking(key), stranger, rekeyed, key, namespace, address, end }
}

async function newNamespace(connection: Connection): Promise<string> {
  const namespace = `t-${randomUUID()}`
  const service = connection.workflowService
  await service.registerNamespace({ namespace, workflowExecutionRetentionPeriod: msToTs('1 day') })
  // The server reads its list of namespaces every few seconds; until then it does not know this one.
  for (let tries = 0; ; tries += 1) {
    try {
      await service.describeTaskQueue({ namespace, taskQueue: { name: 'control' }, taskQueueType: 1 })
      return namespace
    } catch (error) {
      if (tries > 300) throw error
      await sleep(100)
    }
  }
}
