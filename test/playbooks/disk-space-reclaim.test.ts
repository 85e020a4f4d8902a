import { expect, test } from 'vitest'
import { breakHost, healHost, judgeHost } from '../../lab/oracle.ts'
import { labTrial } from './trial.ts'

const { state, fleet, recognised, run, untilVerified, inHost, exists } = labTrial()
const params = { mount: 'nginx-logs' }
const logs = '/var/log/nginx'

test('it recognises a disk full of old rotated logs, shows every file, deletes exactly those, and the oracle agrees', async () => {
  await breakHost(state(), 'disk-filled-by-logs', 'web-01')
  expect(await recognised([{ kind: 'mount', name: 'nginx-logs' }])).toMatchObject({
    kind: 'one',
    match: { playbook: 'disk-space-reclaim', signature: 'disk-filled-by-rotated-logs', params },
  })
  const { outcome, opened } = await run('disk-space-reclaim', params)
  expect(outcome).toMatchObject({ kind: 'succeeded', changed: 1 })
  const shown = opened.plan.preview.flatMap((change) => change.items)
  expect(shown).toHaveLength(14)
  for (const file of shown) expect(await exists(String(file))).toBe(false)
  await untilVerified('disk-space-reclaim', params)
  expect(await judgeHost(state(), 'disk-filled-by-logs', 'web-01')).toMatchObject({ healthy: true })
  await healHost(state(), 'web-01')
})

test('a second time it is refused, for nothing old is left', async () => {
  expect((await run('disk-space-reclaim', params)).outcome).toMatchObject({ kind: 'refused', code: 'run.refused' })
})

test('a disk that is full of something else is not recognised, and somebody’s data stays', async () => {
  await breakHost(state(), 'disk-full-with-foreign-data', 'web-01')
  expect(await recognised([{ kind: 'mount', name: 'nginx-logs' }])).toMatchObject({ kind: 'none' })
  await run('disk-space-reclaim', params)
  expect(await exists(`${logs}/customer-export.tar`)).toBe(true)
  await healHost(state(), 'web-01')
})

test('a file that was not shown stays: the plan is refused once there are others, and a name of two lines is shown', async () => {
  await breakHost(state(), 'disk-filled-by-logs', 'web-01')
  const late = `${logs}/late.log.3`
  const odd = `${logs}/two\nlines.log.4`
  const more = Array.from({ length: 60 }, (_, at) => `${logs}/more.log.${at}`)
  await inHost('touch', '-d', '30 days ago', odd, ...more)
  const { measure } = fleet().fleet('web-01')
  const measureLate: typeof measure = async (host, requests) => {
    await inHost('touch', '-d', '30 days ago', late)
    return measure(host, requests)
  }
  const { outcome, opened } = await run('disk-space-reclaim', params, { measure: measureLate })
  expect(outcome).toMatchObject({ kind: 'refused', code: 'run.refused' })
  expect(opened.plan.preview.flatMap((change) => change.items)).toEqual(expect.arrayContaining([odd, ...more]))
  for (const file of [late, odd, `${logs}/access.log.8.gz`]) expect(await exists(file), file).toBe(true)
  await inHost('rm', late, odd, ...more)
  await healHost(state(), 'web-01')
})

test('names, links and folders that only look like old logs stay', async () => {
  await breakHost(state(), 'disk-filled-by-logs', 'web-01')
  const stays = ['access.log', 'backup.tar.gz', 'notes.txt', 'access.log.12345', '2026.1.bak', 'access.log.9 {{ 7*7 }}']
  for (const name of stays) await inHost('touch', '-d', '30 days ago', `${logs}/${name}`)
  await inHost('sh', '-c', `mkdir -p ${logs}/folder.log.3 /srv/kept && touch -d '30 days ago' /srv/kept/app.log.3`)
  await inHost('ln', '-s', '/srv/kept', `${logs}/linked`)
  await inHost('ln', '-s', '/srv/kept/app.log.3', `${logs}/app.log.4`)
  const { outcome } = await run('disk-space-reclaim', params)
  expect(outcome).toMatchObject({ kind: 'succeeded' })
  for (const name of [...stays, 'folder.log.3', 'linked']) expect(await exists(`${logs}/${name}`), name).toBe(true)
  expect(await exists('/srv/kept/app.log.3')).toBe(true)
  expect(await exists(`${logs}/access.log.8.gz`)).toBe(false)
  await healHost(state(), 'web-01')
})
