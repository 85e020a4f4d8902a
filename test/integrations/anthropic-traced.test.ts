// What a collector of spans learns of a question to Anthropic's: that it was asked, and what it counted.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTelemetry } from '../../runtime/telemetry.ts'
import { askerAt, asking, question } from '../support/model-cases.ts'
import { startModelServer, type ModelServer } from '../support/model-server.ts'
import { spanCollector } from '../support/span-collector.ts'

let server: ModelServer
let collector: Awaited<ReturnType<typeof spanCollector>>
beforeAll(async () => {
  ;[server, collector] = await Promise.all([startModelServer(), spanCollector()])
})
afterAll(() => Promise.all([server.end(), collector.close()]))

test('a span tells neither what was asked nor what was said, and the provider is told of no trace', async () => {
  const one = asking.find(({ name }) => name === 'anthropic')
  if (one === undefined) throw new Error('no anthropic')
  const environment = {
    ANTHROPIC_OPEN_TELEMETRY: 'true',
    ANTHROPIC_OPEN_TELEMETRY_PROPAGATION: 'true',
    ANTHROPIC_OPEN_TELEMETRY_TRACES_CONTENT_MODE: 'content',
  }
  Object.assign(process.env, environment)
  const telemetry = await startTelemetry({ telemetry: { endpoint: collector.endpoint } }, 'test')
  const calls = [{ id: 'a', name: 'escalate', input: '{"why":"of a wire-word"}' }]
  server.scripts.push({ kind: 'answer', answer: { thinking: 'a wire-word', text: 'a wire-word', calls } })

  await askerAt(() => server.url)(one, {
    ...question,
    system: 'a wire-word',
    messages: [{ role: 'user', text: 'a wire-word' }],
  })
  await telemetry.end()
  for (const name of Object.keys(environment)) Reflect.deleteProperty(process.env, name)

  const spans = collector.spans().filter(({ attributes }) => attributes.some(({ key }) => key.startsWith('gen_ai.')))
  expect(spans).toHaveLength(1)
  expect(JSON.stringify(collector.spans())).not.toContain('wire-word')
  expect(Object.keys(server.asked[0]?.headers ?? {}).filter((name) => /trace|baggage/.test(name))).toEqual([])
})
