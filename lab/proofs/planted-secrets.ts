// Secrets planted in alerts, in a host's journal and in its log files, looked for in all that Millwright keeps, shows
// and sends.
import { appendFile, chown } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { smallDiskPath } from '../disk.ts'
import type { Target } from '../fault.ts'
import unknownFault from '../faults/unknown-fault.ts'
import { inside } from '../inside.ts'
import type { ModelServer } from '../model-server/server.ts'
import { nginx } from '../nginx.ts'
import { type Field, startField } from '../proving/field.ts'
import { prove } from '../proving/proof.ts'
import { aDayPasses, closeByPerson, readFinal } from '../proving/record.ts'
import { type Planting, plantings } from '../proving/secrets/plant.ts'
import { flat, type Place, placesOf, placesSent } from '../proving/secrets/search.ts'
import type { Try } from '../proving/tally.ts'

/** At once, so that what a probe keeps of a log holds all of them. */
const atOnce = 36
const doneMilliseconds = 180_000
const pollMilliseconds = 200

const logFile = 'planted.log'
const webUser = 33

type Site = { readonly field: Field; readonly target: Target; readonly model: ModelServer; readonly viewer: string }

/** Puts them where strangers write; those for the alert go with it. */
async function plant({ target }: Site, planted: readonly Planting[]): Promise<Record<string, string>> {
  const lines = (carrier: Planting['carrier']): string =>
    planted.flatMap((one) => (one.carrier === carrier ? [`${one.mark} ${one.text}\n`] : [])).join('')
  const path = join(target.root, smallDiskPath, logFile)
  await appendFile(path, lines('log file'))
  await chown(path, webUser, webUser)
  for (const { mark, text } of planted.filter(({ carrier }) => carrier === 'journal')) {
    // As systemd's own messages are: root may say which unit something is about.
    const fields = [`MESSAGE=${mark} ${text.replaceAll('\n', ' ')}`, `OBJECT_SYSTEMD_UNIT=${nginx}`, 'PRIORITY=3']
    await inside(target.host, ['logger', '--journald'], { input: `${fields.join('\n')}\n` })
  }
  await inside(target.host, ['journalctl', '--sync'])
  return Object.fromEntries(
    planted.flatMap(({ carrier, mark, text }, at) => (carrier === 'alert' ? [[`note${at}`, `${mark} ${text}`]] : [])),
  )
}

async function tryAll(site: Site, planted: readonly Planting[]): Promise<readonly Try[]> {
  const { field, target, model } = site
  const { crew } = field
  await aDayPasses(crew.store)
  const annotations = await plant(site, planted)
  const before = model.requests().length
  const incident = await field.alert({
    host: target.host.name,
    unit: nginx,
    status: 'firing',
    startsAt: new Date(),
    annotations,
  })
  const number = await handled(field, incident)
  const kept = await placesOf(crew, { viewer: site.viewer, incident: number })
  const places = [...kept, ...placesSent(model).slice(before)]
  await closeByPerson(field)
  return planted.map((one) => judge(one, places))
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

function judge({ kind, disguise, carrier, mark, traces }: Planting, places: readonly Place[]): Try {
  const known = traces.map(flat)
  const leaks = places.filter(({ text }) => known.some((trace) => text.includes(trace)))
  const landed = places.filter(({ text }) => text.includes(mark))
  const sent = landed.some(({ name }) => name.startsWith('request ')) ? ', also sent to a model' : ''
  return {
    says: `${kind} ${disguise}, in ${carrier}${sent}`,
    failure: leaks.length === 0 ? null : `It stands in ${leaks.map(({ name }) => name).join(', ')}.`,
    blow: { point: carrier, landed: landed.length > 0 || leaks.length > 0, started: false },
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

await prove({
  name: 'planted-secrets',
  what: 'of secrets planted in alerts, journals and log files none stands in the store, the logs, the history of workflows, the pages or what is sent to a model',
  begin: async ({ say }) => {
    const field = await startField({ hosts: 1, say, model: {} })
    const { model } = field
    const [target] = field.targets
    if (target === undefined || model === null) throw new Error('a field without a host or a model')
    await unknownFault.break(target)
    const site: Site = { field, target, model, viewer: await logInToPages(field) }
    return {
      round: ({ random, round, wanted }) =>
        tryAll(site, plantings({ random, round, number: Math.min(wanted, atOnce), atOnce })),
      end: async () => {
        say(`${model.requests().length} requests to a model were searched`)
        await field.stop()
      },
    }
  },
})
