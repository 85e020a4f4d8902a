// Both drivers give the same events and the same end for every playbook of the catalogue.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { entryNames } from '../../catalogue/entry.ts'
import { breakHost, healHost } from '../../lab/oracle.ts'
import { launchSpawned } from '../../runtime/ansible/launch-spawned.ts'
import { createWarmLauncher } from '../../runtime/ansible/launch-warm.ts'
import type { Launch } from '../../runtime/ansible/launcher.ts'
import { playbooksDir } from '../activities/run-world.ts'
import { labTrial } from './trial.ts'

const { state, store, run, inHost, forgetRuns } = labTrial()
const log = '/var/log/nginx/access.log'
const unit = { unit: 'nginx.service' }
const mount = { mount: 'nginx-logs' }

type Case = {
  readonly params: Readonly<Record<string, string>>
  readonly break: () => Promise<unknown>
  readonly heal: () => Promise<unknown>
}

const broken = (fault: string, params: Case['params']): Case => ({
  params,
  break: () => breakHost(state(), fault, 'web-01'),
  heal: () => healHost(state(), 'web-01'),
})

const cases: Readonly<Record<string, Case>> = {
  'service-restart': broken('service-crashed', unit),
  'config-restore': {
    ...broken('bad-config', unit),
    heal: async () => {
      await healHost(state(), 'web-01')
      // What was replaced is kept under its digest: the same again would not be kept twice.
      await inHost('sh', '-c', 'rm -rf /var/lib/millwright/known-good/*.replaced-*')
    },
  },
  'disk-space-reclaim': broken('disk-filled-by-logs', mount),
  'inode-reclaim': broken('inodes-exhausted', mount),
  'log-reopen': broken('deleted-but-open', mount),
  'log-rotate-force': {
    params: mount,
    break: () =>
      inHost(
        'sh',
        '-c',
        `systemctl kill --signal=USR1 --kill-whom=main nginx; sleep 1; rm -f ${log}.*; yes "a line of the log" | head -c 54000000 >> ${log}`,
      ),
    heal: () => inHost('sh', '-c', `rm -f ${log}.1.gz`),
  },
}

test('there is a case for every playbook of the catalogue', () => {
  expect(Object.keys(cases).sort()).toEqual([...entryNames(playbooksDir)])
})

test.each(Object.entries(cases))(
  '%s goes the same way with the warm driver as with the spawned one',
  async (id, one) => {
    const launchers = [launchSpawned, warm()]
    const told: unknown[] = []
    for (const launch of launchers) {
      await forgetRuns()
      await one.break()
      const { outcome, opened } = await run(id, one.params, { launch })
      await one.heal()
      const rows = await store()
        .selectFrom('run_event')
        .select('event')
        .where('run', '=', opened.run)
        .orderBy('sequence')
        .execute()
      told.push({ outcome, events: rows.map((row) => row.event) })
    }
    const [spawned, forked] = told
    expect(spawned).toMatchObject({ outcome: { kind: 'succeeded' } })
    expect(forked).toEqual(spawned)
  },
)

function warm(): Launch {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-warm-'))
  const { launch, end } = createWarmLauncher(folder)
  onTestFinished(() => {
    end()
    rmSync(folder, { recursive: true, force: true })
  })
  return launch
}
