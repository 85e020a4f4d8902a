// Durable ingest: alerts a second from an HTTP POST to its 202, fsync in between, beside bare inserts of the same rows
// by the same server.
import { fork } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import pg from 'pg'
import { startPostgres } from '../runtime/embedded-postgres.ts'
import { connectStore } from '../store/connect.ts'
import { migrateStore } from '../store/migrate.ts'
import { alertsPerPayload, payload, token } from './ingest/payloads.ts'

const hostCount = 2_000
const connections = 32
const seconds = Number(process.env['BENCH_SECONDS'] ?? 8)
const warmSeconds = seconds / 2

const folder = mkdtempSync('/tmp/millwright-bench-')
chmodSync(folder, 0o711)
const postgres = await startPostgres({ dataDir: join(folder, 'data'), socketDir: join(folder, 'socket') })
const store = connectStore(postgres.url)
await migrateStore(store)
const gateway = fork(join(import.meta.dirname, 'ingest', 'gateway.ts'), [postgres.url, String(hostCount)])
try {
  const port = await new Promise<number>((resolve, reject) => {
    gateway.once('message', (message) => resolve(Number(Object(message)['port'])))
    gateway.once('exit', (code) => reject(new Error(`the gateway ended with ${code}`)))
  })
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  let number = 0
  const post = () => {
    const body = JSON.stringify(payload((number += 1), hostCount))
    return () => send(agent, port, body)
  }
  await measure(post, connections, warmSeconds)
  const ours = await measure(post, connections, seconds)
  const quiet = await measure(post, 1, 2)
  agent.destroy()
  const bare = await control(postgres.url)
  const incidents = await store
    .selectFrom('incident')
    .select((eb) => eb.fn.countAll<string>().as('n'))
    .executeTakeFirstOrThrow()
  if (Number(incidents.n) !== number)
    throw new Error(`${number} payloads were accepted, and ${incidents.n} incidents are there`)
  const against = 'bare inserts of the same rows, one transaction a payload, 16 connections'
  const rate = alertsPerPayload * ours.perSecond
  const controlRate = alertsPerPayload * bare.perSecond
  print({ name: 'ingest', value: rate, unit: 'alerts/s', control: controlRate, ratio: rate / controlRate, against })
  print({ name: 'ingest p99', value: ours.p99, unit: 'ms', control: bare.p99, ratio: ours.p99 / bare.p99, against })
  print({
    name: 'ingest alone p50',
    value: quiet.p50,
    unit: 'ms',
    control: bare.p50,
    ratio: quiet.p50 / bare.p50,
    against,
  })
} finally {
  gateway.disconnect()
  await store.destroy()
  await postgres.stop()
  rmSync(folder, { recursive: true, force: true })
}

type Measured = { readonly perSecond: number; readonly p50: number; readonly p99: number }

/** `lanes` callers, each one after the other, for so long. What is prepared is not timed. */
async function measure(
  prepare: (lane: number) => () => Promise<void>,
  lanes: number,
  length: number,
): Promise<Measured> {
  const times: number[] = []
  const began = performance.now()
  const lane = async (at: number): Promise<void> => {
    while (performance.now() - began < length * 1_000) {
      const call = prepare(at)
      const start = performance.now()
      await call()
      times.push(performance.now() - start)
    }
  }
  await Promise.all(Array.from({ length: lanes }, (_, at) => lane(at)))
  const perSecond = (times.length * 1_000) / (performance.now() - began)
  times.sort((a, b) => a - b)
  return {
    perSecond,
    p50: times[Math.floor(times.length * 0.5)] ?? 0,
    p99: times[Math.floor(times.length * 0.99)] ?? 0,
  }
}

function send(agent: Agent, port: number, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    }
    const call = request(
      { agent, port, host: '127.0.0.1', path: '/hooks/v1/bench', method: 'POST', headers },
      (response) => {
        response.resume()
        response.once('end', () =>
          response.statusCode === 202 ? resolve() : reject(new Error(`answered ${response.statusCode}`)),
        )
      },
    )
    call.once('error', reject)
    call.end(body)
  })
}

/**
 * The rows of one payload by prepared statements, in one transaction each: what durability costs without anything of
 * ours.
 */
async function control(url: string): Promise<Measured> {
  const clients = await Promise.all(
    Array.from({ length: 16 }, async () => {
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      return client
    }),
  )
  let number = 0
  const [first] = clients
  await first?.query(`create table bare_delivery (like delivery); create table bare_incident (like incident including defaults);
    create table bare_alert (like alert); create table bare_rest (incident text, entry jsonb)`)
  const insert = (lane: number) => {
    const client = clients[lane]
    const id = (number += 1)
    const body = payload(id, hostCount)
    return async () => {
      const text = JSON.stringify(body)
      await client?.query('begin')
      await client?.query({
        name: 'd',
        text: `insert into bare_delivery values ($1, 's', 't', 'e', now(), $2, 'opened', '', $3, 0)`,
        values: [`del_${id}`, `digest_${id}`, text],
      })
      await client?.query({
        name: 'i',
        text: `insert into bare_incident (id, number, team, environment, source, group_key, group_id, identity, host, title, state, source_status, opened_at, updated_at, last_seen_at, storm, attempt, sequence) values ($1, $2, 't', 'e', 's', $3, $4, $5, 'web', 'title', 'open', 'firing', now(), now(), now(), false, 0, 0)`,
        values: [`inc_${id}`, id, `group_${id}`, `grp_${id}`, `identity_${id}`],
      })
      await client?.query({
        name: 'a',
        text: `insert into bare_alert select 'alr_' || $1 || ordinality, 'd', 'i', a->>'fingerprint', 'firing', 'name', a->'labels', a->'annotations', '[]', now(), null, null, now() from jsonb_array_elements($2::jsonb->'alerts') with ordinality as t (a, ordinality)`,
        values: [`${id}_`, text],
      })
      await client?.query({
        name: 'r',
        text: `insert into bare_rest select $1, '{}' from generate_series(1, 3)`,
        values: [`inc_${id}`],
      })
      await client?.query('commit')
    }
  }
  try {
    await measure(insert, 16, 1)
    return await measure(insert, 16, seconds)
  } finally {
    // Else their end with the server is told instead of what went wrong.
    await Promise.all(clients.map((client) => client.end()))
  }
}

function print(result: object): void {
  process.stdout.write(`${JSON.stringify(result)}\n`)
}
