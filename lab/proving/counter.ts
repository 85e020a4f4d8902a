// The append-only counters on a host: what its own systemd and its own disk say of what was really done there.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import type { Target } from '../fault.ts'
import { inside } from '../inside.ts'

/** systemd's own message for "a unit is being started", one for each start. */
const startingMessage = '7d4958e842da4a758f6c1cdc7b36dcc5'

const text = z.string().optional()
/** Text that is not UTF-8 comes as a list of bytes. */
const Entry = z.looseObject({ MESSAGE_ID: text, UNIT: text, SYSLOG_IDENTIFIER: text, MESSAGE: z.unknown() })
type Entry = z.infer<typeof Entry>

/** A place in the host's journal: what comes after it is counted. */
export type Mark = { readonly cursor: string; readonly records: ReadonlySet<string> }

/** Where the counters stand now. */
export async function mark(target: Target): Promise<Mark> {
  await inside(target.host, ['journalctl', '--sync'])
  const said = await inside(target.host, ['journalctl', '--lines=0', '--show-cursor', '--quiet'])
  return { cursor: said.replace(/^-- cursor: /m, '').trim(), records: new Set(runRecords(target)) }
}

/** How often the host's systemd has begun to start that unit since then. */
export async function startsSince(target: Target, unit: string, from: Mark): Promise<number> {
  const found = await saidSince(target, from, ({ MESSAGE_ID, UNIT }) => MESSAGE_ID === startingMessage && UNIT === unit)
  return found.length
}

/** What the host's journal holds since then, of the entries that are meant. */
export async function saidSince(
  target: Target,
  { cursor }: Mark,
  isMeant: (entry: Entry) => boolean,
): Promise<readonly string[]> {
  await inside(target.host, ['journalctl', '--sync'])
  // Without matches: with them journalctl leaves out the first entry after a cursor.
  const said = await inside(target.host, ['journalctl', `--after-cursor=${cursor}`, '--output=json', '--quiet'])
  const entries = said.split('\n').flatMap((line) => (line === '' ? [] : [Entry.parse(JSON.parse(line))]))
  return entries.filter(isMeant).map(({ MESSAGE }) => (typeof MESSAGE === 'string' ? MESSAGE : 'bytes'))
}

/** Runs that began on the host since then, as its own disk says. */
export function recordsSince(target: Target, { records }: Mark): readonly string[] {
  return runRecords(target).filter((run) => !records.has(run))
}

function runRecords({ root }: Target): readonly string[] {
  const folder = join(root, 'var/lib/millwright/runs')
  return existsSync(folder) ? readdirSync(folder) : []
}

/** Whether a run has written that file on the host. */
export function wrote({ root }: Target, run: string, file: 'begun' | 'result' | 'ended'): boolean {
  return existsSync(join(root, 'var/lib/millwright/runs', run, `${file}.json`))
}
