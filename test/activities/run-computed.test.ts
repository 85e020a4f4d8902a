// What was computed for a plan is measured again right before its run: another value is another plan.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRunPlaybook } from '../../activities/run-playbook.ts'
import { loadCatalogue } from '../../catalogue/load.ts'
import type { Store } from '../../store/connect.ts'
import { testStore } from '../support/postgres.ts'
import { deafHost, openRun, playbooksDir, runDeps, seeing, strangeAuthority } from './run-world.ts'

let store: Store
let end: () => Promise<void>
let authority: string

beforeAll(async () => {
  ;({ store, end } = await testStore())
  authority = strangeAuthority()
})
afterAll(async () => end())

const cases: readonly (readonly [what: string, staleCount: number | null, says: RegExp])[] = [
  ['the same is let as far as the door', 512, /did not let this run in/],
  ['more is refused, with both values', 530, /count is still 512 \(staleCount is 530\)/],
  ['less is refused as well', 511, /count is still 512 \(staleCount is 511\)/],
  ['what can’t be measured any more is refused', null, /count is still 512 \(it could not be seen\)/],
]

test.each(cases)('%s', async (what, staleCount, says) => {
  const id = what.replaceAll(/\W+/g, '-').toLowerCase()
  const host = { ...deafHost, id, name: id }
  const { playbooks } = await loadCatalogue({ dir: playbooksDir, modes: {} })
  const found = playbooks.find((one) => one.id === 'inode-reclaim')
  const playbook = { id: 'inode-reclaim', version: found?.version ?? '', digest: found?.digest ?? '' }
  const folder = '/var/log/nginx/sessions'
  const hogs = { complete: true, staleFolder: folder, ...(staleCount === null ? {} : { staleCount }) }
  const facts = { 'disk-usage': { inodesUsedPercent: 91, readOnly: false }, 'inode-hogs': hogs }
  const decideAgain = async () => ({ verdict: 'auto' as const, rule: { id: 'r', says: 'Go.' }, policies: 'p' })
  const deps = await runDeps(store, { host, authority: () => authority, measure: seeing(facts) }, { decideAgain })
  const params = { mount: 'nginx-logs', folder, count: 512 }
  const { run } = await openRun(store, host, { playbook, params, tier: 2 })

  const outcome = await createRunPlaybook(deps)({ run })

  expect(outcome).toMatchObject({ kind: 'refused', code: 'run.refused', says: expect.stringMatching(says) })
})
