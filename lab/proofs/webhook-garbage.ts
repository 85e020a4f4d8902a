// Requests that no honest sender makes, at a real gateway on a real database.
import { prove, type Try } from '../proving/proof.ts'
import * as bodies from '../proving/webhook/bodies.ts'
import { judge } from '../proving/webhook/judge.ts'
import * as senders from '../proving/webhook/senders.ts'
import { startSite } from '../proving/webhook/site.ts'

const families = [...Object.entries(senders), ...Object.entries(bodies)]

await prove({
  name: 'webhook-garbage',
  what: 'no wrong, forged, cut, repeated or hostile delivery opens an incident that it should not, loses one that it should, names a host that is not ours, or stops the gateway',
  begin: async () => {
    const site = await startSite()
    const round = async ({
      random,
      round: number,
    }: {
      random: Parameters<typeof senders.repeated>[0]['random']
      round: number
    }): Promise<readonly Try[]> => {
      const tag = `shot-${number}-x`
      // Every family comes up before one comes twice.
      const [name, family] = families[number % families.length] ?? ['ownAlert', bodies.ownAlert]
      const shot = family({ random, tag })
      return [{ says: `${name}: ${shot.says}`, failure: await judge(site, shot, tag) }]
    }
    return { round, end: site.end }
  },
})
