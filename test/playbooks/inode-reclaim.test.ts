import { expect, test } from 'vitest'
import { breakHost, healHost, judgeHost } from '../../lab/oracle.ts'
import { labTrial } from './trial.ts'

const { state, recognised, run, untilVerified, inHost, exists } = labTrial()
const params = { mount: 'nginx-logs' }
const folder = '/var/log/nginx/sessions'

test('it recognises exhausted inodes, deletes the old files of one folder, keeps the young ones, and the oracle agrees', async () => {
  await breakHost(state(), 'inodes-exhausted', 'web-01')
  await inHost('touch', `${folder}/sess_young`)
  await inHost('mkdir', `${folder}/below`)
  await inHost('touch', '-d', '30 days ago', `${folder}/below/kept`)
  expect(await recognised([{ kind: 'mount', name: 'nginx-logs' }])).toMatchObject({
    kind: 'one',
    match: { playbook: 'inode-reclaim' },
  })
  const { outcome, opened } = await run('inode-reclaim', params)
  expect(outcome).toMatchObject({ kind: 'succeeded', changed: 1 })
  expect(opened.plan.preview[0]?.says).toContain(folder)
  expect(await exists(`${folder}/sess_young`)).toBe(true)
  expect(await exists(`${folder}/below/kept`)).toBe(true)
  await untilVerified('inode-reclaim', params)
  expect(await judgeHost(state(), 'inodes-exhausted', 'web-01')).toMatchObject({ healthy: true })
})

test('a second time it is refused, and the files stay', async () => {
  expect((await run('inode-reclaim', params)).outcome).toMatchObject({ kind: 'refused' })
  expect(await exists(`${folder}/sess_young`)).toBe(true)
  await healHost(state(), 'web-01')
})

test('a folder whose name is a pattern stands for itself alone', async () => {
  await breakHost(state(), 'inodes-exhausted', 'web-01')
  const pattern = '/var/log/nginx/[s]e?*'
  await inHost('mv', folder, pattern)
  await inHost('mkdir', folder)
  await inHost('touch', '-d', '30 days ago', `${folder}/kept`)
  const { outcome, opened } = await run('inode-reclaim', params)
  expect(opened.plan.params).toMatchObject({ folder: pattern })
  expect(outcome).toMatchObject({ kind: 'succeeded' })
  expect(await exists(`${folder}/kept`)).toBe(true)
  expect(await inHost('ls', pattern)).toBe('')
  await inHost('rmdir', pattern)
  await healHost(state(), 'web-01')
})
