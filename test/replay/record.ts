// Records the histories that are not there: npx vitest run --config test/replay/record.config.ts. Those that are there
// stay, for they are what an upgrade meets; one is deleted and recorded anew only where nothing released it.
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { WorkflowHandle } from '@temporalio/client'
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js'
import { expect, test } from 'vitest'
import { hostWorkflowId } from '../../workflows/messages.ts'
import { theatre } from '../support/play.ts'
import { paths } from './paths.ts'
import { names, playPath } from './play-path.ts'

const folder = join(import.meta.dirname, 'histories')
const fileOf = (name: string): string => join(folder, `${name}.json`)
const isThere = (name: string): boolean => existsSync(fileOf(name))

test('each path without a history is played and its history written', async () => {
  const play = await theatre('plain')
  for (const [name, path] of Object.entries(paths)) {
    if (isThere(name) && (path.host === undefined || isThere(path.host))) continue
    await write(name, (await playPath(play, path)).handle)
    if (path.host === undefined || path.script.scope?.kind !== 'target') continue
    const host = play.temporal.client.workflow.getHandle(hostWorkflowId(path.script.scope.host))
    await host.result()
    await write(path.host, host)
  }
  await play.end()
  expect(names.filter((name) => !isThere(name))).toEqual([])
})

async function write(name: string, handle: WorkflowHandle): Promise<void> {
  const history: unknown = JSON.parse(historyToJSON(await handle.fetchHistory()), withoutStacks)
  if (!isThere(name)) writeFileSync(fileOf(name), `${JSON.stringify(history)}\n`)
}

/** Where this machine keeps its files is nobody's business. */
function withoutStacks(key: string, value: unknown): unknown {
  return key === 'stackTrace' ? '' : value
}
