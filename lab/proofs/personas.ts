// Every persona of a model and every fault of the lab, on real hosts; then again with a kill at each step.
import { loadPersonas } from '../model-server/persona.ts'
import { faultNames, loadFault } from '../oracle.ts'
import { everythingAlone } from '../proving/alone.ts'
import { startField } from '../proving/field.ts'
import { logIn } from '../proving/people.ts'
import { allPairs, allPoints } from '../proving/persona-pairs.ts'
import { budget, tryPairs } from '../proving/persona-tries.ts'
import { prove } from '../proving/proof.ts'
import { randomFrom } from '../proving/random.ts'

const mostHosts = 6
/** While somebody is killed, who worked for all of them. */
const mostStruck = 3
/** Tries of one round, for each host. */
const perHost = 4

await prove({
  name: 'personas',
  what: 'whatever a model says, and whatever is killed, the incident ends where that persona and that fault must end, nothing wrong happens on a host, a budget holds to within one call, each call is settled and told once and paid once, and no fault is repaired in more than two attempts',
  points: allPoints(randomFrom(0)),
  begin: async ({ runs, random, say }) => {
    const hosts = Math.min(mostHosts, Math.max(1, runs))
    const personas = await loadPersonas()
    const names = await faultNames()
    const faults = new Map(await Promise.all(names.map(async (name) => [name, await loadFault(name)] as const)))
    const field = await startField({ hosts, say, model: { latency: 'fast' }, change: everythingAlone(budget) })
    const token = await logIn(field.crew, { name: 'proof', role: 'approver', team: 'default' })
    const pairs = allPairs({ personas, faults }, random)
    say(`${pairs.length} tries are all: ${personas.size} personas, ${faults.size} faults, and a kill at each step`)
    let at = 0
    const round = async ({ wanted }: { readonly wanted: number }) => {
      const rest = pairs.slice(at)
      const isStruck = rest[0]?.blow !== null
      const end = rest.findIndex(({ blow }) => (blow !== null) !== isStruck)
      const alike = rest.slice(0, end === -1 ? rest.length : end)
      const these = alike.slice(0, Math.min(wanted, isStruck ? Math.min(hosts, mostStruck) : hosts * perHost))
      at = (at + these.length) % pairs.length
      return tryPairs({ field, token, personas, faults, random }, these)
    }
    return { round, end: field.stop }
  },
})
