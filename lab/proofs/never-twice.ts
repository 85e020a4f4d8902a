// Alerts that repeat, and a process of Millwright killed at a random moment of the repair.
import { strike } from '../proving/crash.ts'
import { victims } from '../proving/crew.ts'
import { startField } from '../proving/field.ts'
import { prove } from '../proving/proof.ts'

const mostHosts = 3
/** A repair of a crashed service is over within this time, its soak included. */
const seconds = 6

await prove({
  name: 'never-twice',
  what: 'whatever is killed whenever, no incident starts the crashed service more than once, and each one is closed or handed over',
  begin: async ({ runs, random, say }) => {
    const field = await startField({ hosts: Math.min(mostHosts, Math.max(1, runs)), say })
    const round = ({ wanted }: { readonly wanted: number }) => {
      const victim = random.pick(victims)
      return strike(field, field.targets.slice(0, wanted), { victim, at: random.between(0, seconds) }, random)
    }
    return { round, end: field.stop }
  },
})
