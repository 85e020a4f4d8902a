// The process that asks models, as the supervisor starts it.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { Config } from '../../runtime/config.ts'
import { mindRole } from '../../runtime/embedded-postgres.ts'
import { startNodeProcess } from '../../runtime/node-process.ts'
import { secretsFor } from '../../runtime/secret-shares.ts'
import { grantMind } from '../../store/mind-role.ts'
import { mindQueue } from '../../workflows/messages.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { testTemporal, type TestTemporal } from '../support/temporal.ts'

let db: TestStore
let temporal: TestTemporal
const folder = mkdtempSync(join(tmpdir(), 'millwright-mind-'))
beforeAll(async () => {
  ;[db, temporal] = await Promise.all([testStore(), testTemporal()])
  await grantMind(db.store)
  for (const name of ['payload', 'model', 'ssh'])
    writeFileSync(join(folder, name), randomBytes(32).toString('base64'), { mode: 0o600 })
})
afterAll(async () => {
  await Promise.all([db.end(), temporal.end()])
  rmSync(folder, { recursive: true, force: true })
})

test('it takes work from its own queue, with its models’ key and no other', async () => {
  const config = Config.parse({
    temporal: { payloadKey: `file:${folder}/payload` },
    ssh: { readKey: `file:${folder}/ssh` },
    models: { planner: { use: 'anthropic', model: 'claude-haiku-5-5', key: `file:${folder}/model` } },
  })
  const secrets = secretsFor('mind', config)
  expect(Object.keys(secrets).toSorted()).toEqual([`file:${folder}/model`, `file:${folder}/payload`])
  const given = {
    name: 'mind',
    config,
    secrets,
    privateDir: join(folder, 'private'),
    modules: [join(import.meta.dirname, '..', '..', 'workers', 'mind.ts')],
    databaseUrl: db.url.replace('postgresql://millwright@', `postgresql://${mindRole}@`),
    temporal: { address: inject('temporalAddress'), namespace: temporal.namespace },
  }
  const mind = await startNodeProcess(given, join(folder, 'mind.log'))
  try {
    expect(mind.says).toEqual(['mind with claude-haiku-5-5'])
    const { namespace } = temporal
    const pollers = async () => {
      const queue = { namespace, taskQueue: { name: mindQueue }, taskQueueType: 2 }
      const answer = await temporal.client.workflowService.describeTaskQueue(queue)
      return answer.pollers?.map(({ identity }) => identity)
    }
    await expect.poll(pollers).toEqual([`mind ${mind.pid}`])
  } finally {
    await mind.stop()
  }
})
