// Everything that Millwright keeps, shows and sends, as text, so that it can be searched for what must not be in it.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { Recorded } from '../../model-server/record.ts'
import type { Crew } from '../crew.ts'
import { formsOf } from './forms.ts'
import type { Histories } from './history.ts'

/** `text`: in each form that can be read in it. */
export type Place = { readonly name: string; readonly text: string }

export type Searched = {
  readonly crew: Crew
  readonly histories: Histories
  /** A cookie of a person. */
  readonly viewer: string
  /** What opens the page of metrics. */
  readonly scrape: string
  readonly incident: { readonly id: string; readonly number: string }
}

/** Throws where a place holds nothing of this incident: then it was not the right one. */
export async function placesOf(searched: Searched): Promise<readonly Place[]> {
  const { crew, histories, incident } = searched
  const kept = [
    ...(await rowsOf(crew)),
    { name: 'history of workflows', text: formsOf(await histories.read([`incident/${incident.id}`])) },
    ...filesBelow('logs', crew.folder.logs),
    { name: 'logs of the start', text: formsOf(readFileSync(`${crew.folder.root}.log`, 'latin1')) },
    ...filesBelow('files of Temporal', crew.folder.temporal),
  ]
  for (const name of ['table incident', 'table audit_event', 'table incident_evidence', 'history of workflows']) {
    const found = kept.filter((place) => place.name.startsWith(name))
    if (!found.some(({ text }) => text.includes(incident.id))) throw new Error(`${name} tell nothing of ${incident.id}`)
  }
  return [...kept, ...(await shownOf(searched))]
}

async function shownOf({ crew, viewer, scrape, incident }: Searched): Promise<readonly Place[]> {
  const client = crew.client()
  const { number } = incident
  const page = async (path: string, headers: Readonly<Record<string, string>>): Promise<Place> => {
    const response = await fetch(new URL(path, client.url), { headers })
    if (!response.ok) throw new Error(`the page ${path} answered ${response.status}`)
    return { name: `page ${path}`, text: formsOf(await response.text()) }
  }
  const view = await client.get<{ readonly evidence: readonly { readonly id: string }[] }>(`/incidents/${number}`)
  const pages = ['/', `/incidents/${number}`, `/incidents/${number}/hand-over`, '/hosts', '/sources', '/playbooks']
  const excerpts = view.evidence.map(({ id }) => `/incidents/${number}/evidence/${id}`)
  return [
    { name: 'API', text: formsOf(JSON.stringify(view)) },
    await page('/metrics', { authorization: `Bearer ${scrape}` }),
    ...(await Promise.all([...pages, ...excerpts].map((path) => page(path, { cookie: viewer })))),
  ]
}

export function placesSent(requests: readonly Recorded[]): readonly Place[] {
  return requests.map(({ number, body }) => ({ name: `request ${number} to a model`, text: formsOf(body) }))
}

async function rowsOf({ store }: Crew): Promise<readonly Place[]> {
  const tables = await sql<{ name: string }>`
    select table_name as name from information_schema.tables where table_schema = 'public'`.execute(store)
  return Promise.all(
    tables.rows.map(async ({ name }) => {
      const { rows } = await sql<{ row: string }>`select t::text as row from ${sql.table(name)} t`.execute(store)
      return { name: `table ${name}`, text: formsOf(rows.map(({ row }) => row).join('\n')) }
    }),
  )
}

function filesBelow(name: string, folder: string): readonly Place[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
  return files.map((file) => {
    const path = join(file.parentPath, file.name)
    // What is sealed in a file of Temporal is searched as its history.
    const text = readFileSync(path, 'latin1')
    return { name: `${name}: ${file.name}`, text: file.name.endsWith('.log') ? formsOf(text) : text }
  })
}
