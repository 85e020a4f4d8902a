// Alerts that repeat, and a process of Millwright killed at a random moment of the repair.
import { strike } from '../proving/crash.ts'
import { victims } from '../proving/crew.ts'
import { startField } from '../proving/field.ts'
import { prove } from '../proving/proof.ts'

const mostHosts = 3
/** A repair of a crashed service is over within this time, its soak included. */
const seconds = 6
/** A kill may come before the start and leave the rest to people, but not this often. */
const leastStarted = 0.5

await prove({
  name: 'never-twice',
  what: 'whatever is killed whenever, no incident starts the crashed service more than once, and each one is closed or handed over',
  leastStarted,
  begin: async ({ runs, random, say }) => {
    const field = await startField({ hosts: Math.min(mostHosts, Math.max(1, runs)), say })
    const round = () => {
      const victim = random.pick(victims)
      return strike(field, () => ({ victim, at: random.between(0, seconds) }), random)
    }
    return { round, end: field.stop }
  },
})
