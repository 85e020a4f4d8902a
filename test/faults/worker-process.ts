// Both workers in one process that kills itself at one point, once: whoever starts it again finds the mark and goes on.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
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
import { paperHosts } from '../support/paper-host.ts'
import { paperHost, road } from './road.ts'

/** `when`: before or after the activity, or in the middle of the host's task. */
export type Orders = {
  readonly address: string
  readonly namespace: string
  /** Base64. */
  readonly key: string
  readonly databaseUrl: string
  readonly bundle: string
  readonly folder: string
  readonly playbooksDir: string
  readonly host: string
  readonly activity: string
  readonly when: 'before' | 'after' | 'in its task'
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
const { address, namespace, databaseUrl, folder, playbooksDir, host, bundle } = orders
const privateDir = join(folder, 'private')
mkdirSync(privateDir, { recursive: true, mode: 0o700 })
const hosts = paperHosts(join(folder, 'hosts'), () => {
  if (orders.when === 'in its task') die()
})
const dataConverter = sealedWith(payloadKey(orders.key))
const client = new Client({ connection: await Connection.connect({ address }), namespace, dataConverter })
const store = connectStore(databaseUrl)
const built = await road({
  store,
  hosts,
  inventory: [paperHost(host)],
  playbooksDir,
  privateDir,
  client: () => client,
})
const connection = await NativeConnection.connect({ address, grpcCompression: { codec: 'none' } })
const common = { connection, namespace, dataConverter, interceptors: { activity: [() => ({ inbound })] } }
const control = await Worker.create({
  ...common,
  taskQueue: 'control',
  workflowBundle: { codePath: bundle },
  activities: built.control,
  stickyQueueScheduleToStartTimeout: '1 second',
})
const hands = await Worker.create({ ...common, taskQueue: 'hands/paper', activities: built.hands })
await Promise.all([control.run(), hands.run()])
