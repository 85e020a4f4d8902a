// A gateway in a process of its own, as in production; what it would tell Temporal stays in its rows.
import { serve } from '@hono/node-server'
import { pino } from 'pino'
import { createApp } from '../../gateway/app.ts'
import { loadSources } from '../../integrations/load.ts'
import { loadPolicies } from '../../policies/evaluate.ts'
import { Config } from '../../runtime/config.ts'
import { connectStore } from '../../store/connect.ts'
import { createInbox } from '../../store/inbox.ts'
import { hosts, token } from './payloads.ts'

const [url = '', hostCount = '1'] = process.argv.slice(2)
const store = connectStore(url)
const config = Config.parse({
  sources: { bench: { use: 'alertmanager', bearer: 'file:/token', targets: [{ host: 'instance', unit: 'name' }] } },
})
const inventory = { digest: 'bench', hosts: hosts(Number(hostCount)) }
const policies = loadPolicies()
const app = createApp({
  store,
  config,
  sources: await loadSources(config),
  inbox: createInbox(store),
  catalogue: () => ({ digest: 'bench', playbooks: [] }),
  inventory: () => inventory,
  policies: () => policies,
  temporal: () => Promise.reject(new Error('there is none')),
  secret: () => token,
  now: () => new Date(),
  log: pino({ level: 'silent' }),
})
const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => process.send?.({ port }))
process.once('disconnect', () => {
  server.close()
  void store.destroy()
})
