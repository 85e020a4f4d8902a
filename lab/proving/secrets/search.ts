// Everything that Millwright keeps, shows and sends, as text, so that it can be searched for what must not be in it.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { ModelServer } from '../../model-server/server.ts'
import type { Crew } from '../crew.ts'

export type Place = { readonly name: string; readonly text: string }

/** A value that is written in JSON in JSON has more backslashes than one that is not. */
export function flat(text: string): string {
  return text.replaceAll(/\\+/g, '\\')
}

/** `viewer` is a cookie; `incident` the number that people see. */
export async function placesOf(crew: Crew, about: { viewer: string; incident: string }): Promise<readonly Place[]> {
  const client = crew.client()
  const page = async (path: string): Promise<Place> => {
    const response = await fetch(new URL(path, client.url), { headers: { cookie: about.viewer } })
    if (!response.ok) throw new Error(`the page ${path} answered ${response.status}`)
    return { name: `page ${path}`, text: flat(await response.text()) }
  }
  return [
    ...(await rowsOf(crew)),
    ...filesBelow('logs', crew.folder.logs),
    ...filesBelow('history of workflows', crew.folder.temporal),
    { name: 'API', text: flat(JSON.stringify(await client.get(`/incidents/${about.incident}`))) },
    await page(`/incidents/${about.incident}`),
    await page('/'),
  ]
}

export function placesSent(server: ModelServer): readonly Place[] {
  return server.requests().map(({ number, body }) => ({ name: `request ${number} to a model`, text: flat(body) }))
}

async function rowsOf({ store }: Crew): Promise<readonly Place[]> {
  const tables = await sql<{ name: string }>`
    select table_name as name from information_schema.tables where table_schema = 'public'`.execute(store)
  return Promise.all(
    tables.rows.map(async ({ name }) => {
      const rows = await sql<{ row: string }>`select t::text as row from ${sql.table(name)} t`.execute(store)
      // Rows write a backslash and a quote twice.
      return { name: `table ${name}`, text: flat(rows.rows.map(({ row }) => row.replaceAll('""', '"')).join('\n')) }
    }),
  )
}

function filesBelow(name: string, folder: string): readonly Place[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
  return files.map((file) => {
    const path = join(file.parentPath, file.name)
    return { name: `${name}: ${file.name}`, text: flat(readFileSync(path, 'latin1')) }
  })
}
