// All workers of one story, for a process of their own and for whoever goes on when it is gone.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '@temporalio/client'
import type { ActivityInboundCallsInterceptor, WorkerOptions } from '@temporalio/worker'
import { Config } from '../../runtime/config.ts'
import type { Store } from '../../store/connect.ts'
import { mindQueue } from '../../workflows/messages.ts'
import { paperHosts } from '../support/paper-host.ts'
import { type Activity, faultInterceptor, paperHost, road } from './road.ts'
import type { Story } from './stories.ts'

export type Places = {
  readonly bundle: string
  readonly folder: string
  readonly playbooksDir: string
  readonly host: string
  /** `models` of the config; null: nobody is asked. */
  readonly models: Readonly<Record<string, unknown>> | null
  readonly story: Pick<Story, 'besides' | 'cut'>
}

export type Joined = {
  readonly store: Store
  readonly client: () => Client
  /** Called after the host was changed and before anybody hears of it. */
  readonly inTask?: () => void
  /** Called when a piece of an answer has come. */
  readonly heard?: (activity: Activity) => void
  readonly inbound?: ActivityInboundCallsInterceptor
}

/** One for each task queue. */
export async function workersOf(
  { bundle, folder, playbooksDir, host, story, ...places }: Places,
  { store, client, inTask = () => undefined, heard = () => undefined, inbound = {} }: Joined,
): Promise<readonly Pick<WorkerOptions, 'taskQueue' | 'activities' | 'interceptors' | 'workflowBundle'>[]> {
  const { models } = places.models === null ? { models: undefined } : Config.parse({ models: places.models })
  const privateDir = join(folder, 'private')
  mkdirSync(privateDir, { recursive: true, mode: 0o700 })
  const hosts = paperHosts(join(folder, 'hosts'), () => {
    inTask()
    if (story.cut) throw new Error('the link was cut')
  })
  const inventory = [paperHost(host)]
  const built = await road({ store, hosts, inventory, playbooksDir, privateDir, client, models, heard })
  const interceptors = { activity: [faultInterceptor(() => story.besides ?? {}), () => ({ inbound })] }
  return [
    { taskQueue: 'control', workflowBundle: { codePath: bundle }, activities: built.control, interceptors },
    { taskQueue: 'hands/paper', activities: built.hands, interceptors },
    ...(models === undefined ? [] : [{ taskQueue: mindQueue, activities: built.mind, interceptors }]),
  ]
}
