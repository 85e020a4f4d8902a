// All workers in one process that kills itself at one point, once: whoever starts it again finds the mark and goes on.
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
import { Config } from '../../runtime/config.ts'
import { payloadKey, sealedWith } from '../../runtime/payload-codec.ts'
import { connectStore } from '../../store/connect.ts'
import { mindQueue } from '../../workflows/messages.ts'
import { paperHosts } from '../support/paper-host.ts'
import { faultInterceptor, paperHost, road } from './road.ts'
import type { Story } from './stories.ts'

/** `when`: before or after the activity, in the middle of the host's task, or while a model answers. */
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
  /** `models` of the config; null: nobody is asked. */
  readonly models: Readonly<Record<string, unknown>> | null
  readonly story: Pick<Story, 'besides' | 'cut'>
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
const { address, namespace, databaseUrl, folder, playbooksDir, host, bundle, story } = orders
const { models } = orders.models === null ? { models: undefined } : Config.parse({ models: orders.models })
const privateDir = join(folder, 'private')
mkdirSync(privateDir, { recursive: true, mode: 0o700 })
const hosts = paperHosts(join(folder, 'hosts'), () => {
  if (orders.when === 'in its task') die()
  if (story.cut) throw new Error('the link was cut')
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
  models,
  heard: (activity) => {
    if (orders.when === 'in its call' && activity === orders.activity) die()
  },
})
const connection = await NativeConnection.connect({ address, grpcCompression: { codec: 'none' } })
const interceptors = { activity: [faultInterceptor(() => story.besides ?? {}), () => ({ inbound })] }
const common = { connection, namespace, dataConverter, interceptors }
const control = await Worker.create({
  ...common,
  taskQueue: 'control',
  workflowBundle: { codePath: bundle },
  activities: built.control,
  stickyQueueScheduleToStartTimeout: '1 second',
})
const hands = await Worker.create({ ...common, taskQueue: 'hands/paper', activities: built.hands })
const mind =
  models === undefined ? [] : [await Worker.create({ ...common, taskQueue: mindQueue, activities: built.mind })]
await Promise.all([control, hands, ...mind].map((one) => one.run()))
