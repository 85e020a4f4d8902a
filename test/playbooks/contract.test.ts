// The contract of every playbook: this suite runs each folder it finds, by the cases that the folder brings. A fault of
// the lab breaks a real host; the playbook is recognised, ends the fault, verifies so, and the lab's judge agrees. Both
// drivers give the same events and the same end.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Case, casesOf } from '../../catalogue/cases.ts'
import { entryNames, readEntry } from '../../catalogue/entry.ts'
import type { Subject } from '../../domain/inventory.ts'
import type { Match } from '../../domain/signature.ts'
import { breakHost, faultNames, healHost, judgeHost } from '../../lab/oracle.ts'
import { launchSpawned } from '../../runtime/ansible/launch-spawned.ts'
import { createWarmLauncher } from '../../runtime/ansible/launch-warm.ts'
import type { Launch } from '../../runtime/ansible/launcher.ts'
import { playbooksDir } from '../activities/run-world.ts'
import { labTrial } from './trial.ts'

const { state, store, recognised, run, untilVerified, forgetRuns } = labTrial()

const faults = await faultNames()
const playbooks = entryNames(playbooksDir).map((id) => ({
  id,
  cases: casesOf(playbooksDir, id, faults),
  isSigned: readEntry(playbooksDir, id).manifest.signatures.length > 0,
}))

describe.each(playbooks)('the playbook $id', ({ id, cases, isSigned }) => {
  test('brings a case: a fault of the lab that it ends', () => {
    expect(cases).not.toEqual([])
  })

  test.each(cases)('ends $fault, by both drivers alike, and nothing else is touched', async (one) => {
    const spawned = await tried(id, one, launchSpawned)
    expect(spawned).toMatchObject({
      ...(isSigned ? { match: { playbook: id, params: one.params } } : {}),
      outcome: { kind: 'succeeded' },
      verdict: { healthy: true, problems: [], collateral: [] },
      again: { kind: 'refused' },
    })
    expect(await tried(id, one, warm())).toEqual(spawned)
  })
})

async function tried(id: string, { fault, params }: Case, launch: Launch) {
  await forgetRuns()
  await breakHost(state(), fault, 'web-01')
  const recognition = await recognised(subjectsOf(params))
  const match = recognition.kind === 'one' ? pick(recognition.match) : recognition.kind
  const { outcome, opened } = await run(id, params, { launch })
  const rows = await store()
    .selectFrom('run_event')
    .select('event')
    .where('run', '=', opened.run)
    .orderBy('sequence')
    .execute()
  await untilVerified(id, params)
  const verdict = await judgeHost(state(), fault, 'web-01')
  const again = await run(id, params, { launch })
  await healHost(state(), 'web-01')
  return { match, outcome, events: rows.map(({ event }) => event), verdict, again: again.outcome }
}

/** Without the digests of what was seen, which differ from one time to the next. */
const pick = ({ playbook, signature, params }: Match) => ({ playbook, signature, params })

/** What an alert about the target would be about. */
function subjectsOf({ unit, mount, endpoint }: Case['params']): readonly Subject[] {
  return [
    ...(unit === undefined ? [] : [{ kind: 'unit', name: unit } as const]),
    ...(mount === undefined ? [] : [{ kind: 'mount', name: mount } as const]),
    ...(endpoint === undefined ? [] : [{ kind: 'endpoint', name: endpoint } as const]),
  ]
}

function warm(): Launch {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-warm-'))
  const { launch, end } = createWarmLauncher(folder)
  onTestFinished(() => {
    end()
    rmSync(folder, { recursive: true, force: true })
  })
  return launch
}
