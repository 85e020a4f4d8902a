import { aptInstall, aptPlan } from '../apt.mjs'
import { onPath } from '../run.mjs'
import { reasonOf, SetupError } from '../setup-error.mjs'

const fix = 'as root, type `apt-get install --no-install-recommends chromium`'

/** @type {import('../types.d.mts').Tool} */
export const chromium = {
  name: 'chromium',
  why: 'the browser tests look at the pages as a person does',
  where: () => 'the machine, through apt-get',
  fix,
  find: () => onPath('chromium'),
  changes: (progress) => aptPlan(['chromium'], progress),
  get: async (progress) => {
    try {
      await aptInstall(['chromium'], progress)
    } catch (error) {
      if (error instanceof SetupError) throw error
      throw new SetupError({ what: 'Installing chromium failed', why: reasonOf(error), fix })
    }
  },
}
