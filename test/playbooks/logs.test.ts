import { expect, test } from 'vitest'
import { labTrial } from './trial.ts'

const { recognised, run, untilVerified, inHost, exists } = labTrial()
const params = { mount: 'nginx-logs' }
const subjects = [{ kind: 'mount', name: 'nginx-logs' }] as const
const log = '/var/log/nginx/access.log'

test('a log that has grown is rotated by the team’s own rule, loses no line, and is written on', async () => {
  await inHost('sh', '-c', `yes "a line of the log" | head -c 54000000 >> ${log}`)
  expect(await recognised(subjects)).toMatchObject({ kind: 'one', match: { playbook: 'log-rotate-force' } })
  expect((await run('log-rotate-force', params)).outcome).toMatchObject({ kind: 'succeeded' })
  await untilVerified('log-rotate-force', params)
  expect(await inHost('sh', '-c', `zcat ${log}.1.gz | grep -c "a line of the log"`)).toBe('3000000')
  await inHost('curl', '-s', 'http://127.0.0.1/after-the-rotation')
  expect(await inHost('cat', log)).toContain('after-the-rotation')
  expect((await run('log-rotate-force', params)).outcome).toMatchObject({ kind: 'refused' })
})

test('without a rule for the log nothing is touched', async () => {
  await inHost('sh', '-c', `rm ${log}.1.gz; yes "a line of the log" | head -c 54000000 >> ${log}`)
  await inHost('mv', '/etc/logrotate.d/nginx', '/root/nginx.rule')
  // The check before it sees that: nothing begins.
  expect((await run('log-rotate-force', params)).outcome).toMatchObject({
    kind: 'refused',
    code: 'run.not-as-previewed',
    says: expect.stringContaining('Find the team'),
  })
  expect(await exists(`${log}.1`)).toBe(false)
  await inHost('mv', '/root/nginx.rule', '/etc/logrotate.d/nginx')
})

test('a rule that is not about this log is not taken for its own, whatever paths stand in it', async () => {
  const jail = '/srv/jail/var/log/nginx'
  const rule = `${jail}/*.log {\n  rotate 1\n}`
  await inHost('mv', '/etc/logrotate.d/nginx', '/root/nginx.rule')
  await inHost('sh', '-c', `mkdir -p ${jail}; echo now > ${jail}/site.log; echo before > ${jail}/site.log.1`)
  await inHost('sh', '-c', `echo '${rule}' > /etc/logrotate.d/jail`)
  try {
    expect((await run('log-rotate-force', params)).outcome).toMatchObject({
      kind: 'failed',
      task: 'See that this log is one of them',
    })
    expect(await inHost('sh', '-c', `cat ${jail}/site.log ${jail}/site.log.1`)).toBe('now\nbefore')
  } finally {
    await inHost('rm', '/etc/logrotate.d/jail')
    await inHost('mv', '/root/nginx.rule', '/etc/logrotate.d/nginx')
  }
})

test('copies past what the rule keeps go with a rotation, so a person is asked and told', async () => {
  const [kept, oldest] = [`${log}.13.gz`, `${log}.14.gz`]
  await inHost('sh', '-c', `echo kept > ${kept}; echo oldest > ${oldest}`)
  const { outcome, opened } = await run('log-rotate-force', params)
  expect(outcome).toMatchObject({ kind: 'succeeded' })
  expect(await inHost('sh', '-c', 'cat /var/log/nginx/access.log.1?.gz')).toBe('kept')
  expect(opened.plan.tier).toBe(2)
  expect(opened.plan.preview.filter(({ reversible }) => !reversible).map(({ says }) => says)).toEqual([
    expect.stringContaining('the oldest copy goes'),
  ])
})
