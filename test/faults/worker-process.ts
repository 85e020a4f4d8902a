// All workers in one process that kills itself at one point, once: whoever takes over finds the mark and goes on.
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Context } from '@temporalio/activity'
import { Client, Connection } from '@temporalio/client'
import {
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type ActivityInboundCallsInterceptor,
} from '@temporalio/worker'
import { payloadKey, sealedWith } from '../../runtime/payload-codec.ts'
import { connectStore } from '../../store/connect.ts'
import { type Places, workersOf } from './on-the-road.ts'

/** `when`: before or after the activity, in the middle of the host's task, or while a model answers. */
export type Orders = Places & {
  readonly address: string
  readonly namespace: string
  /** Base64. */
  readonly key: string
  readonly databaseUrl: string
  readonly activity: string
  readonly when: 'before' | 'after' | 'in its task' | 'in its call'
}

const [, , text] = process.argv
if (text === undefined) throw new Error('Say what shall be done.')
const orders: Orders = JSON.parse(text)
const mark = join(orders.folder, 'killed')

function die(): void {
  if (existsSync(mark)) return
  writeFileSync(mark, orders.activity)
  process.kill(process.pid, 'SIGKILL')
}

const inbound: ActivityInboundCallsInterceptor = {
  execute: async (input, next) => {
    const meant = Context.current().info.activityType === orders.activity
    if (meant && orders.when === 'before') die()
    const answer = await next(input)
    if (meant && orders.when === 'after') die()
    return answer
  },
}

Runtime.install({ logger: new DefaultLogger('ERROR'), workerHeartbeatInterval: 0 })
const { address, namespace, databaseUrl } = orders
const dataConverter = sealedWith(payloadKey(orders.key))
const client = new Client({ connection: await Connection.connect({ address }), namespace, dataConverter })
const options = await workersOf(orders, {
  store: connectStore(databaseUrl),
  client: () => client,
  inTask: () => {
    if (orders.when === 'in its task') die()
  },
  heard: (activity) => {
    if (orders.when === 'in its call' && activity === orders.activity) die()
  },
  inbound,
})
const connection = await NativeConnection.connect({ address, grpcCompression: { codec: 'none' } })
const workers = await Promise.all(
  options.map((one) =>
    Worker.create({
      ...one,
      connection,
      namespace,
      dataConverter,
      // Nobody waits long for one that was killed.
      stickyQueueScheduleToStartTimeout: '1 second',
    }),
  ),
)
await Promise.all(workers.map((one) => one.run()))
