// Every named point of the straight line, and every process of Millwright killed there, one after the other.
import { nginx } from '../nginx.ts'
import { strike, type Blow } from '../proving/crash.ts'
import { victims } from '../proving/crew.ts'
import { startField } from '../proving/field.ts'
import { points } from '../proving/moments.ts'
import { prove } from '../proving/proof.ts'

/** One kill meets them all, each at another step. */
const mostHosts = 3

await prove({
  name: 'crash-sweep',
  what: `killed at each point of a repair, Millwright comes back by itself, starts ${nginx} at most once, leaves no lease taken, and closes or hands over every incident`,
  begin: async ({ runs, random, say }) => {
    const field = await startField({ hosts: Math.min(mostHosts, Math.max(1, runs)), say })
    const blows = random.shuffled(points.flatMap((at) => victims.map((victim): Blow => ({ victim, at }))))
    const round = async ({ wanted, round }: { readonly wanted: number; readonly round: number }) => {
      const blow = blows[round % blows.length]
      return blow === undefined ? [] : strike(field, field.targets.slice(0, wanted), blow, random)
    }
    return { round, end: field.stop }
  },
})
