// The disk under Millwright's own data folder is full, for a while: senders are told so, and nothing that was accepted
// is lost.
import { randomBytes, randomUUID } from 'node:crypto'
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { type Crew, startCrew } from '../../lab/proving/crew.ts'
import { payloadOf } from '../../lab/proving/field.ts'
import { run } from '../../lab/run.ts'
import { freePort } from '../../runtime/embedded-temporal.ts'

const diskMegabytes = 300
const block = Buffer.alloc(64 * 1024)
/** Posts until the database needs more room than its files have left. */
const maximumPosts = 3_000
const whileFull = 40
const patienceMilliseconds = 120_000
const token = 'token-of-the-test'

let folder = ''
let disk = ''
let url = ''
let crew: Crew | null = null

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millwright-full-'))
  // The database's own account passes through to its folder in here.
  chmodSync(folder, 0o711)
  disk = join(folder, 'disk')
  mkdirSync(disk)
  await run(['mount', '-t', 'tmpfs', '-o', `size=${diskMegabytes}m,mode=0711`, 'tmpfs', disk])
  const port = await freePort()
  url = `http://127.0.0.1:${port}/hooks/v1/am`
  const bearer = join(folder, 'token')
  writeFileSync(bearer, token, { mode: 0o600 })
  const config = join(folder, 'millwright.yaml')
  const targets = [{ host: 'instance', unit: 'name' }]
  const am = { use: 'alertmanager', bearer: `file:${bearer}`, targets }
  writeFileSync(config, stringify({ listen: { address: '127.0.0.1', port }, sources: { am } }))
  crew = await startCrew({ data: join(disk, 'data'), config })
})

afterAll(async () => {
  await crew?.stop()
  await run(['umount', '--lazy', disk])
  rmSync(folder, { recursive: true, force: true })
})

type Answer = { readonly status: number; readonly text: string; readonly incident: string | null }

async function post(): Promise<Answer> {
  const alert = { host: `gone-${randomUUID()}`, unit: 'nginx.service', status: 'firing', startsAt: new Date() } as const
  // Nothing of it can be compressed away.
  const body = { ...payloadOf(alert), commonAnnotations: { noise: randomBytes(24_000).toString('base64') } }
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  const text = await response.text()
  const incident = response.status === 202 ? String(JSON.parse(text).incident_id) : null
  return { status: response.status, text, incident }
}

/** Takes every byte that is free. */
function fill(): string {
  const path = join(disk, 'filler')
  const file = openSync(path, 'w')
  try {
    for (;;) writeSync(file, block)
  } catch {
    return path
  } finally {
    closeSync(file)
  }
}

test('a full disk is answered with 503 and the reason, and what was accepted goes on when there is room', async () => {
  if (crew === null) throw new Error('it did not start')
  const members = () => (['supervisor', 'control', 'hands'] as const).map((name) => crew?.pids(name))
  const before = members()
  const answers: Answer[] = [await post()]
  expect(answers).toMatchObject([{ status: 202 }])

  const filler = fill()
  while (answers.length < maximumPosts && answers.at(-1)?.status === 202) answers.push(await post())
  const [refused] = answers.slice(-1)
  expect(refused).toMatchObject({ status: 503, text: expect.stringMatching(/disk .* is full/) })
  for (let at = 0; at < whileFull; at += 1) {
    answers.push(await post())
    await sleep(50)
  }
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202, 503]))

  rmSync(filler)
  const until = performance.now() + patienceMilliseconds
  do answers.push(await post())
  while (answers.at(-1)?.status !== 202 && performance.now() < until)
  expect(answers.at(-1)).toMatchObject({ status: 202 })

  const accepted = answers.flatMap(({ incident }) => (incident === null ? [] : [incident]))
  let rows: readonly { readonly id: string; readonly state: string }[] = []
  while (performance.now() < until) {
    rows = await crew.store.selectFrom('incident').select(['id', 'state']).execute()
    if (rows.every(({ state }) => state === 'handed-over')) break
    await sleep(200)
  }
  expect(rows.filter(({ state }) => state !== 'handed-over')).toEqual([])
  const known = new Set(rows.map(({ id }) => id))
  expect(accepted.filter((id) => !known.has(id))).toEqual([])
  expect(members()).toEqual(before)
})
