import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Fault, Target } from '../fault.ts'
import { attemptInside } from '../inside.ts'
import { mendUnit, unitBecomes } from '../nginx.ts'
import { treeFolder } from '../recipe.ts'

const unit = 'acme-sync.service'
const catalogue = '/var/lib/acme/catalogue.json'

/** As the lab delivers it. */
const whole = (): Promise<string> => readFile(join(treeFolder, catalogue), 'utf8')

const pathOf = ({ root }: Target): string => join(root, catalogue)

export default {
  summary: "The team's own batch job refuses a catalogue that is not whole; starting it again fails in the same way.",
  alert: 'HostSystemdServiceCrashed',
  clue: /catalogue generation mismatch in shard 7/,
  ending: { kind: 'handed-over', why: 'The job says itself that its input is wrong; no playbook may write that.' },
  mayChange: { units: [unit], ports: [], files: [catalogue] },
  break: async (target) => {
    await writeFile(pathOf(target), '{"generation": 42, "items": ["anvil", "roc')
    await attemptInside(target.host, ['systemctl', 'restart', unit])
    await unitBecomes(target, unit, 'failed')
  },
  judge: async (target) => {
    const { stdout } = await attemptInside(target.host, ['systemctl', 'is-active', unit])
    const isWhole = (await readFile(pathOf(target), 'utf8')) === (await whole())
    return {
      problems: [
        ...(stdout.trim() === 'active' ? [] : [`The unit ${unit} is ${stdout.trim()}.`]),
        ...(isWhole ? [] : ['The catalogue is not whole.']),
      ],
      collateral: [],
    }
  },
  heal: async (target) => {
    await writeFile(pathOf(target), await whole())
    await mendUnit(target, unit)
  },
} satisfies Fault
