// Incidents that are open when Millwright is upgraded go on: every stored history must replay with the code of today.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker'
import { beforeAll, expect, inject, test } from 'vitest'
import { names } from './play-path.ts'

const folder = join(import.meta.dirname, 'histories')
const stored = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.replace(/\.json$/, ''))

beforeAll(() => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [], workerHeartbeatInterval: 0 })
})

test('there is a history for each path of the straight line, and of hosts', () => {
  expect(stored.toSorted()).toEqual(names.toSorted())
})

test.each(stored)('%s replays', async (name) => {
  const history: unknown = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))
  const workflowId = name.startsWith('host') ? 'host/replayed' : 'incident/replayed'

  const replayed = Worker.runReplayHistory(
    { workflowBundle: { codePath: inject('workflowBundle') } },
    history,
    workflowId,
  )

  await expect(replayed).resolves.toBeUndefined()
})
