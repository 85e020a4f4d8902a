// Secrets planted wherever words of strangers come from, looked for in all that Millwright keeps, shows and sends.
import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { tmpdir } from 'node:os'
import type { Target } from '../fault.ts'
import unknownFault from '../faults/unknown-fault.ts'
import type { ModelServer } from '../model-server/server.ts'
import { nginx } from '../nginx.ts'
import { type Field, payloadOf, startField } from '../proving/field.ts'
import { prove } from '../proving/proof.ts'
import { aDayPasses, closeByPerson, readFinal } from '../proving/record.ts'
import { type Histories, openHistories } from '../proving/secrets/history.ts'
import { cameTo, type Planting, plantings } from '../proving/secrets/plant.ts'
import { lay } from '../proving/secrets/roads.ts'
import { type Place, placesOf, placesSent } from '../proving/secrets/search.ts'
import { startStores, type Stores } from '../proving/secrets/stores.ts'
import type { Try } from '../proving/tally.ts'
import type { Values } from '../world/world.ts'

const doneMilliseconds = 180_000
const pollMilliseconds = 100
/** Of all that is planted so much may be cut away before anybody could send it; it shows nothing. */
const mostCutAway = 0.1

type Site = {
  readonly field: Field
  readonly target: Target
  readonly model: ModelServer
  readonly stores: Stores
  readonly histories: Histories
  readonly viewer: string
  readonly scrape: string
}

async function tryAll(site: Site, planted: readonly Planting[]): Promise<readonly Try[]> {
  const { field, target, model } = site
  const { crew } = field
  await aDayPasses(crew.store)
  const { labels, annotations, clear } = await lay(target, site.stores, planted)
  const before = model.requests().length
  const alert = { host: target.host.name, unit: nginx, status: 'firing', startsAt: new Date() } as const
  const id = await field.post(payloadOf({ ...alert, labels, annotations }))
  const number = await handled(field, id)
  await clear()
  const sent = placesSent(model.requests().slice(before))
  if (model.forgotten() > 0) throw new Error('the model server has forgotten requests')
  const kept = await placesOf({ ...site, crew, incident: { id, number } })
  await closeByPerson(field)
  return planted.map((one) => judge(one, sent, kept))
}

/** Until nothing more is looked at and nobody is asked any more by itself. */
async function handled({ crew }: Field, incident: string): Promise<string> {
  const until = performance.now() + doneMilliseconds
  for (;;) {
    const final = await readFinal(crew.store, incident)
    const isBusy = final === null || final.state === 'open' || final.state === 'investigating'
    if (!isBusy || performance.now() > until) break
    await sleep(pollMilliseconds)
  }
  const rows = await crew.store.selectFrom('incident').select(['id', 'number']).execute()
  const row = rows.find(({ id }) => id === incident)
  if (row === undefined) throw new Error(`there is no ${incident}`)
  return row.number
}

/** It counts where the model was sent what stood on either side of the secret. */
function judge(planting: Planting, sent: readonly Place[], kept: readonly Place[]): Try {
  const { kind, disguise, carrier, traces } = planting
  const leaks = [...sent, ...kept].filter(({ text }) => traces.some((trace) => text.includes(trace)))
  const carried = sent.some(({ text }) => cameTo(text, planting))
  return {
    says: `${kind} ${disguise}, as ${carrier}`,
    failure: leaks.length === 0 ? null : `It stands in ${leaks.map(({ name }) => name).join(', ')}.`,
    blow: { point: carrier, landed: carried || leaks.length > 0, started: false },
  }
}

/** A person who may only look, as a browser is logged in. */
async function logInToPages({ crew }: Field): Promise<string> {
  const client = crew.client()
  const { code } = await client.post<{ readonly code: string }>('/people', {
    name: 'looks',
    role: 'viewer',
    team: 'default',
  })
  const response = await fetch(new URL('/api/v1/login', client.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: client.url },
    body: JSON.stringify({ code, kind: 'cookie' }),
  })
  const [cookie] = response.headers.getSetCookie()
  if (cookie === undefined) throw new Error(`no cookie came with ${response.status}: ${await response.text()}`)
  return cookie.split(';')[0] ?? ''
}

const asked = { app: { says: 'what the application logs', query: '{app="shop"}' } }

function withStores({ url }: Stores, scrapeFile: string): (config: Values) => Values {
  return (config) => ({
    ...config,
    metrics: { planted: { use: 'prometheus', url } },
    logs: { planted: { use: 'loki', url } },
    profile: { logs: asked, metrics: { errors: { says: 'errors by note', query: 'errors' } } },
    telemetry: { scrape: { bearer: `file:${scrapeFile}` } },
  })
}

await prove({
  name: 'planted-secrets',
  what: 'of secrets planted in alerts, logs, journals, descriptions, configurations, names and answers of stores none stands in what is sent to a model, in the store, the logs, the opened history of workflows or the pages',
  mostMissed: mostCutAway,
  begin: async ({ say }) => {
    const ends: (() => Promise<void>)[] = []
    const end = async (): Promise<void> => {
      for (const one of ends.splice(0).toReversed()) await one()
    }
    try {
      const site = await begin(say, ends)
      return {
        round: ({ random, round, wanted }) => tryAll(site, plantings({ random, round, number: wanted })),
        end: async () => {
          say(`${site.model.requests().length} requests to a model were searched`)
          await end()
        },
      }
    } catch (error) {
      await end()
      throw error
    }
  },
})

async function begin(say: (line: string) => void, ends: (() => Promise<void>)[]): Promise<Site> {
  const scrape = randomBytes(24).toString('hex')
  const scrapeFile = join(tmpdir(), `millwright-scrape-${scrape.slice(0, 8)}`)
  ends.push(() => rm(scrapeFile, { force: true }))
  await writeFile(scrapeFile, scrape, { mode: 0o600 })
  const stores = await startStores()
  ends.push(stores.stop)
  const change = withStores(stores, scrapeFile)
  const field = await startField({ hosts: 1, say, model: { persona: 'asks-for-texts' }, change })
  ends.push(field.stop)
  const { model } = field
  const [target] = field.targets
  if (target === undefined || model === null) throw new Error('a field without a host or a model')
  const histories = await openHistories(field.crew)
  ends.push(histories.stop)
  await unknownFault.break(target)
  return { field, target, model, stores, histories, viewer: await logInToPages(field), scrape }
}
