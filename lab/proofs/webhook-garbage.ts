// Everything but sound alerts, posted to a gateway that must neither believe it nor break.
import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { freePort } from '../../runtime/embedded-temporal.ts'
import { type Crew, startCrew } from '../proving/crew.ts'
import { type Piece, pieceOf } from '../proving/garbage.ts'
import { prove } from '../proving/proof.ts'
import type { Try } from '../proving/tally.ts'

const answerMilliseconds = 10_000

type Gateway = { readonly crew: Crew; readonly url: string; readonly control: number | undefined }

async function tryOne({ crew, url, control }: Gateway, { name, body, headers, expected }: Piece): Promise<Try> {
  const before = await rowsOf(crew)
  const response = await fetch(url, {
    method: 'POST',
    headers,
    body,
    signal: AbortSignal.timeout(answerMilliseconds),
  }).catch(() => null)
  const after = await rowsOf(crew)
  const isTaken = response?.status === 202
  const says = `${name}: ${response === null ? 'no answer' : response.status}`
  const failure =
    response === null
      ? 'It was not answered.'
      : response.status >= 500
        ? `The gateway broke: ${await response.text()}`
        : isTaken !== (expected === 'taken')
          ? `It had to be ${expected}: ${await response.text()}`
          : !isTaken && after !== before
            ? `It was refused, and ${after - before} alerts were recorded.`
            : isTaken && after <= before
              ? 'It was taken, and nothing was recorded.'
              : crew.pids('control')[0] !== control
                ? 'The process that answers was lost.'
                : null
  return { says, failure }
}

/** Alerts that the database holds: each delivery that counts adds one. */
async function rowsOf({ store }: Crew): Promise<number> {
  const counted = await store
    .selectFrom('alert')
    .select(({ fn }) => fn.countAll<string>().as('rows'))
    .executeTakeFirstOrThrow()
  return Number(counted.rows)
}

await prove({
  name: 'webhook-garbage',
  what: 'whatever is posted to a webhook is answered, only sound alerts with the right credential are recorded, and nothing breaks',
  begin: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millwright-proof-'))
    await chmod(folder, 0o711)
    const token = randomBytes(24).toString('hex')
    const bearerFile = join(folder, 'webhook.token')
    await writeFile(bearerFile, token, { mode: 0o600 })
    const port = await freePort()
    const sources = { proof: { use: 'alertmanager', bearer: `file:${bearerFile}` } }
    const config = join(folder, 'millwright.yaml')
    await writeFile(config, stringify({ listen: { address: '127.0.0.1', port }, sources }))
    const crew = await startCrew({ data: join(folder, 'data'), config })
    const gateway = { crew, url: `http://127.0.0.1:${port}/hooks/v1/proof`, control: crew.pids('control')[0] }
    return {
      round: async ({ random, round }) => {
        const alert = {
          host: `stranger-${round % 7}`,
          unit: 'x.service',
          status: 'firing',
          startsAt: new Date(),
        } as const
        return [await tryOne(gateway, pieceOf({ token, alert, random }))]
      },
      end: async () => {
        await crew.stop()
        await rm(folder, { recursive: true, force: true })
      },
    }
  },
})
