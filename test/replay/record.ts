// Records the histories anew: npx vitest run --config test/replay/record.config.ts, before a release and never
// to make a replay pass.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { WorkflowHandle } from '@temporalio/client'
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js'
import { expect, test } from 'vitest'
import { hostWorkflowId } from '../../workflows/messages.ts'
import { theatre } from '../support/play.ts'
import { paths, playPath } from './paths.ts'

const folder = join(import.meta.dirname, 'histories')

test('each path is played and its history written', async () => {
  const play = await theatre('plain')
  for (const name of Object.keys(paths)) await write(name, (await playPath(play, name)).handle)
  const host = play.temporal.client.workflow.getHandle(hostWorkflowId('repaired-01'))
  await host.result()
  await write('host', host)
  await play.end()
  expect(Object.keys(paths).length).toBeGreaterThan(10)
})

async function write(name: string, handle: WorkflowHandle): Promise<void> {
  writeFileSync(join(folder, `${name}.json`), `${historyToJSON(await handle.fetchHistory())}\n`)
}
