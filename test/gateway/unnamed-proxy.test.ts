// Who puts a proxy before the gateway and forgets to name it hears of it, once.
import { pino } from 'pino'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createApp } from '../../gateway/app.ts'
import { serveApp } from '../../gateway/serve.ts'
import { Config } from '../../runtime/config.ts'
import { freePort } from '../../runtime/embedded-temporal.ts'
import { gatewayDeps } from '../support/gateway.ts'
import { testStore, type TestStore } from '../support/postgres.ts'

let db: TestStore
beforeAll(async () => {
  db = await testStore()
})
afterAll(() => db.end())

/** A gateway on a port of its own, what it logs, and a request to it. */
async function gateway(more: object = {}) {
  const logged: string[] = []
  const log = pino({ base: null, timestamp: false }, { write: (line) => void logged.push(line) })
  const config = Config.parse({ listen: { address: '127.0.0.1', port: await freePort(), ...more } })
  const { fetch: answer } = createApp(await gatewayDeps(db.store, { config, log }))
  const server = await serveApp(config, { fetch: answer, secret: () => '' })
  onTestFinished(server.close)
  const ask = (headers: Record<string, string>) => fetch(`http://127.0.0.1:${config.listen.port}/healthz`, { headers })
  return { logged, ask }
}

const through = { 'x-forwarded-for': '198.51.100.7' }

test('a proxy on this machine that is not named is warned of once, with the line of the config', async () => {
  const { logged, ask } = await gateway()

  for (let times = 0; times < 3; times += 1) expect((await ask(through)).status).toBe(200)

  expect(logged).toEqual([expect.stringContaining('listen.trustedProxies: [127.0.0.1]')])
  expect(logged.join()).not.toContain('198.51.100.7')
})

test('nothing is said where the proxy is named, nor where there is none', async () => {
  const [named, none] = [await gateway({ trustedProxies: ['127.0.0.1'] }), await gateway()]

  await named.ask(through)
  await none.ask({})

  expect([...named.logged, ...none.logged]).toEqual([])
})
