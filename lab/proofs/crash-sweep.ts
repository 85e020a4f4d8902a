// The named points of the straight line, and every process of Millwright killed there, one after the other.
import { nginx } from '../nginx.ts'
import { sweep } from '../proving/blows.ts'
import { strike } from '../proving/crash.ts'
import { startField } from '../proving/field.ts'
import { prove } from '../proving/proof.ts'

/** One kill meets them all, each at another step. */
const mostHosts = 3

await prove({
  name: 'crash-sweep',
  what: `killed at a named point of a repair, Millwright comes back by itself, starts ${nginx} at most once, leaves no lease taken, and closes or hands over every incident`,
  begin: async ({ runs, random, say }) => {
    const field = await startField({ hosts: Math.min(mostHosts, Math.max(1, runs)), say })
    const blows = sweep(random)
    const round = async ({ round }: { readonly round: number }) => {
      const blow = blows[round % blows.length]
      return blow === undefined ? [] : strike(field, () => blow, random)
    }
    return { round, end: field.stop }
  },
})
