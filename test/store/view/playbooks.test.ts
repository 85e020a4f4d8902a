// What a page says about a playbook's modes is what counts, also where nothing names an environment.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Mode } from '../../../domain/playbook.ts'
import { emptyConfig } from '../../../runtime/config.ts'
import { playbookList } from '../../../store/view/playbooks.ts'
import { testStore, type TestStore } from '../../support/postgres.ts'
import { samplePlaybook } from '../../support/sample-playbook.ts'

let db: TestStore
beforeAll(async () => {
  db = await testStore()
})
afterAll(() => db.end())

const cases: readonly (readonly [string, Readonly<Record<string, Mode>>, Mode])[] = [
  ['a mode for any other environment counts', { '*': 'auto' }, 'auto'],
  ['a mode for an environment that is not there does not count', { production: 'auto' }, 'draft'],
  ['nothing means draft', {}, 'draft'],
]

test.each(cases)('where no environment is named, %s', async (_, modes, mode) => {
  const catalogue = { digest: 'of the test', playbooks: [{ ...samplePlaybook, modes }] }
  const inventory = { digest: 'of the test', hosts: [] }

  const [shown] = await playbookList(db.store, {
    catalogue,
    inventory,
    config: emptyConfig,
    now: new Date(),
    team: null,
  })

  expect(shown?.modes).toEqual([{ environment: '*', mode }])
})
