import { expect, test } from 'vitest'
import { breakHost, healHost, judgeHost } from '../../lab/oracle.ts'
import { labTrial } from './trial.ts'

const { state, fleet, forgetRuns, recognised, run, notVerified, untilVerified, inHost, exists } = labTrial()
const params = { unit: 'nginx.service' }
const subjects = [{ kind: 'unit', name: 'nginx.service' }] as const
const site = '/etc/nginx/sites-available/default'

test('it recognises a refused configuration, shows what differs, puts the known good one back, and the oracle agrees', async () => {
  await breakHost(state(), 'bad-config', 'web-01')
  const bad = await inHost('sha256sum', site)
  expect(await recognised(subjects)).toMatchObject({ kind: 'one', match: { playbook: 'config-restore' } })
  const { outcome, opened } = await run('config-restore', params)
  expect(outcome).toMatchObject({ kind: 'succeeded' })
  expect(opened.plan.preview[0]?.items).toEqual([`changed ${site}`])
  await untilVerified('config-restore', params)
  expect(await judgeHost(state(), 'bad-config', 'web-01')).toMatchObject({ healthy: true })
  const kept = `/var/lib/millwright/known-good/nginx.replaced-${String(opened.plan.params['digest'])}`
  expect(await inHost('sha256sum', `${kept}/sites-available/default`)).toContain(bad.split(' ')[0])
  await healHost(state(), 'web-01')
})

test('a unit that crashed while a bad edit waited needs two playbooks, one after the other', async () => {
  await breakHost(state(), 'bad-config-and-crashed', 'web-01')
  expect(await recognised(subjects)).toMatchObject({ kind: 'one', match: { playbook: 'config-restore' } })
  expect((await run('config-restore', params)).outcome).toMatchObject({ kind: 'succeeded' })
  expect(await notVerified('config-restore', params)).toEqual([
    'nginx.service is active: failed',
    'nginx.service listens on its ports: false',
  ])
  expect(await recognised(subjects)).toMatchObject({ kind: 'one', match: { playbook: 'service-restart' } })
  expect((await run('service-restart', params)).outcome).toMatchObject({ kind: 'succeeded' })
  expect(await judgeHost(state(), 'bad-config-and-crashed', 'web-01')).toMatchObject({ healthy: true })
  await healHost(state(), 'web-01')
})

test('files that were added go, too', async () => {
  await inHost('sh', '-c', 'echo "acme_cache_zone on;" > /etc/nginx/conf.d/added.conf')
  await inHost('sh', '-c', 'systemctl restart nginx || true')
  const { outcome, opened } = await run('config-restore', params)
  expect(outcome).toMatchObject({ kind: 'succeeded' })
  expect(opened.plan.preview[0]?.items).toEqual(['added /etc/nginx/conf.d/added.conf'])
  expect(await exists('/etc/nginx/conf.d/added.conf')).toBe(false)
  await untilVerified('config-restore', params)
})

test('it is refused where no known good copy is, where nothing is wrong, and after somebody edited again', async () => {
  expect((await run('config-restore', params)).outcome).toMatchObject({ kind: 'refused' })
  await breakHost(state(), 'bad-config', 'web-01')
  const edit = Promise.withResolvers<void>()
  const edited = await run('config-restore', params, {
    decideAgain: async () => {
      await inHost('sh', '-c', `echo "# a person is at work" >> ${site}`)
      edit.resolve()
      return { verdict: 'auto', rule: { id: 'test', says: 'Go.' }, policies: 'p' }
    },
    // Asked after policy, not beside it: the edit has to be there.
    measure: async (host, requests) => {
      await edit.promise
      return fleet().fleet('web-01').measure(host, requests)
    },
  })
  expect(edited.outcome).toMatchObject({ kind: 'refused', says: expect.stringContaining('the one that was looked at') })
  await inHost('mv', '/var/lib/millwright/known-good/nginx', '/var/lib/millwright/known-good/away')
  const without = await run('config-restore', params)
  expect(without.outcome).toMatchObject({ kind: 'refused' })
  expect(await inHost('cat', site)).toContain('acme_cache_zone')
  await inHost('mv', '/var/lib/millwright/known-good/away', '/var/lib/millwright/known-good/nginx')
  await healHost(state(), 'web-01')
})

test('a copy of what is replaced that a full disk cut short is made anew, before anything is replaced', async () => {
  const place = '/var/lib/millwright/known-good'
  const inodes = (await inHost('find', place)).trim().split('\n').length
  await inHost('cp', '--archive', place, `${place}.aside`)
  // Room for the known good copy and half of another one.
  await inHost('mount', '-t', 'tmpfs', '-o', `mode=0755,nr_inodes=${Math.round(inodes * 1.5)}`, 'tmpfs', place)
  try {
    await inHost('cp', '--archive', '--no-target-directory', `${place}.aside`, place)
    await breakHost(state(), 'bad-config', 'web-01')
    expect((await run('config-restore', params)).outcome).toMatchObject({
      kind: 'failed',
      task: 'Copy what is replaced',
    })
    await inHost('mount', '-o', `remount,nr_inodes=${inodes * 4}`, place)
    await inHost('cp', '--archive', '/etc/nginx', `${place}.bad`)
    await forgetRuns()

    const { outcome, opened } = await run('config-restore', params)

    expect(outcome).toMatchObject({ kind: 'succeeded' })
    const kept = `${place}/nginx.replaced-${String(opened.plan.params['digest'])}`
    expect(await inHost('diff', '--recursive', '--no-dereference', `${place}.bad`, kept)).toBe('')
    expect(await inHost('ls', place)).not.toContain('.new')
  } finally {
    await inHost('umount', place)
    await inHost('rm', '--recursive', '--force', `${place}.aside`, `${place}.bad`)
  }
  await healHost(state(), 'web-01')
})
