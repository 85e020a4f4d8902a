// Requests that no honest sender makes, as bytes on the wire, at a real gateway on a real database.
import { prove } from '../proving/proof.ts'
import type { Try } from '../proving/tally.ts'
import * as bodies from '../proving/webhook/bodies.ts'
import { judge } from '../proving/webhook/judge.ts'
import * as senders from '../proving/webhook/senders.ts'
import { startSite } from '../proving/webhook/site.ts'

const families = [...Object.entries(senders), ...Object.entries(bodies)]

await prove({
  name: 'webhook-hostile',
  what: 'no forged, cut, repeated or hostile delivery opens an incident that it should not, loses one that it should, names a host that is not ours, or stops the gateway',
  begin: async () => {
    const site = await startSite()
    return {
      round: async ({ random, round }): Promise<readonly Try[]> => {
        const tag = `shot-${round}-x`
        // Every family comes up before one comes twice.
        const [name, family] = families[round % families.length] ?? ['ownAlert', bodies.ownAlert]
        const shot = family({ random, tag })
        return [{ says: `${name}: ${shot.says}`, failure: await judge(site, shot, tag) }]
      },
      end: site.end,
    }
  },
})
