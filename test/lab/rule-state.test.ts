// What an alert's own rule says, asked of a real Prometheus that scrapes an exporter we can make ill, well, and dead.
import { spawn, type ChildProcess } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import prometheus from '../../integrations/metrics/prometheus/index.ts'
import type { RuleState } from '../../domain/run.ts'
import { ensureBase } from '../../lab/base.ts'
import { freePort } from '../../runtime/embedded-temporal.ts'

const tools = { secret: () => '', signal: new AbortController().signal }

let folder = ''
let server: Server
let program: ChildProcess
let url = ''
let exporter = ''
let failed = 0
let answers = true

beforeAll(async () => {
  server = createServer((_, response) => {
    if (answers) response.end(`unit_failed{name="nginx.service"} ${failed}\nunit_failed{name="cron.service"} 1\n`)
    else response.destroy()
  })
  exporter = `127.0.0.1:${await freePort()}`
  await new Promise<void>((resolve) => server.listen(Number(exporter.split(':')[1]), '127.0.0.1', () => resolve()))
  folder = mkdtempSync(join(tmpdir(), 'millwright-prometheus-'))
  const scrape = [{ job_name: 'units', static_configs: [{ targets: [exporter] }] }]
  const timing = { scrape_interval: '200ms', scrape_timeout: '200ms', evaluation_interval: '200ms' }
  const rule = {
    alert: 'UnitFailed',
    expr: 'unit_failed > 0',
    labels: { severity: 'warning', name: '{{ $labels.name }}' },
  }
  const lately = { alert: 'UnitFailedLately', expr: 'max_over_time(unit_failed[5s]) > 0', keep_firing_for: '1s' }
  writeFileSync(join(folder, 'rules.yml'), JSON.stringify({ groups: [{ name: 'units', rules: [rule, lately] }] }))
  writeFileSync(
    join(folder, 'prometheus.yml'),
    JSON.stringify({ global: timing, rule_files: ['rules.yml'], scrape_configs: scrape }),
  )
  const address = `127.0.0.1:${await freePort()}`
  url = `http://${address}`
  const arguments_ = [
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=${address}`,
  ]
  program = spawn(join(await ensureBase(() => undefined), 'usr/bin/prometheus'), arguments_, { stdio: 'ignore' })
  await becomes('firing', new Date(0), 'cron.service')
})
afterAll(async () => {
  program.kill('SIGKILL')
  server.close()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(() => {
  failed = 0
  answers = true
})

const ask = async (since: Date, name: string, alert = 'UnitFailed', at = url): Promise<RuleState> => {
  const labels = { alertname: alert, job: 'units', instance: exporter, name, severity: 'warning' }
  const question = { alert, labels, since: since.toISOString() }
  return (await prometheus.ruleState(question, { url: at }, tools)).state
}

async function becomes(state: RuleState, since: Date, name = 'nginx.service'): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if ((await ask(since, name)) === state) return
    await sleep(100)
  }
  throw new Error(`it never became ${state}`)
}

test('it fires while the unit is down, and is clear two evaluations after it is well', async () => {
  failed = 1
  await becomes('firing', new Date())
  failed = 0
  await becomes('clear', new Date())
  const beforeAnyEvaluation = new Date(Date.now() + 60_000)
  expect(await ask(beforeAnyEvaluation, 'nginx.service')).not.toBe('clear')
})

test('another series of the same rule that fires does not count', async () => {
  await becomes('clear', new Date())
  await becomes('firing', new Date(0), 'cron.service')
})

test('with a dead exporter the query is empty, and nobody can tell', async () => {
  failed = 1
  await becomes('firing', new Date())
  answers = false
  const since = new Date()
  await becomes('unknown', since)
  for (let looks = 0; looks < 10; looks += 1) {
    expect(await ask(since, 'nginx.service')).toBe('unknown')
    await sleep(100)
  }
})

test('a rule that looks back says how long it goes on after what it measures is over', async () => {
  const labels = { job: 'units', instance: exporter, name: 'cron.service' }
  const question = { alert: 'UnitFailedLately', labels, since: new Date(0).toISOString() }

  // A scrape that a busy machine did not answer in time leaves everybody without an answer, for a moment.
  await expect
    .poll(() => prometheus.ruleState(question, { url }, tools))
    .toEqual({ state: 'firing', windowSeconds: expect.closeTo(6.4) })
})

test('a rule that does not exist is none', async () => {
  expect(await ask(new Date(), 'nginx.service', 'Nothing')).toBe('none')
})

test('without Prometheus nobody can tell', async () => {
  expect(await ask(new Date(), 'nginx.service', 'UnitFailed', 'http://127.0.0.1:1')).toBe('unknown')
  expect(await ask(new Date(), 'nginx.service', 'UnitFailed', `http://${exporter}`)).toBe('unknown')
})

test('the history holds what the rule compares, with its threshold and both states', async () => {
  const labels = {
    alertname: 'UnitFailed',
    job: 'units',
    instance: exporter,
    name: 'nginx.service',
    severity: 'warning',
  }
  const from = new Date(Date.now() - 60_000).toISOString()
  const now = () => ({ alert: 'UnitFailed', labels, from, to: new Date().toISOString() })
  const historyWith = (value: number) =>
    vi.waitFor(
      async () => {
        const found = await prometheus.ruleHistory(now(), { url }, tools)
        expect(found?.points.at(-1)?.[1]).toBe(value)
        return found
      },
      { timeout: 60_000, interval: 200 },
    )
  // A picture has a point a second at the most, so each state must last until it has one.
  failed = 1
  await historyWith(1)
  failed = 0
  const history = await historyWith(0)
  const question = now()
  expect(history).toMatchObject({ expression: 'unit_failed', threshold: { op: '>', value: 0 } })
  expect(new Set(history?.points.map(([, value]) => value))).toEqual(new Set([0, 1]))
  expect(await prometheus.ruleHistory({ ...question, alert: 'Unknown' }, { url }, tools)).toBeNull()
  expect(await prometheus.ruleHistory(question, { url: 'http://127.0.0.1:1' }, tools)).toBeNull()
})
