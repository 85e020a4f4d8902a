// Millwright without a config, beside a real host: everything that could open a way is tried, and the host says who
// came.
import { mkdtemp, chmod, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import * as z from 'zod'
import { hostPaths } from '../paths.ts'
import { mark, type Mark, saidSince } from '../proving/counter.ts'
import { type Crew, startCrew } from '../proving/crew.ts'
import { type Alert, payloadOf } from '../proving/field.ts'
import { prove } from '../proving/proof.ts'
import type { Random } from '../proving/random.ts'
import type { Try } from '../proving/tally.ts'
import type { Target } from '../fault.ts'
import { requireState } from '../state.ts'
import { startLab } from '../up.ts'

const millwright = join(import.meta.dirname, '..', '..', 'cli', 'main.ts')
const tables = ['delivery', 'incident', 'alert', 'dispatch', 'plan', 'run', 'host_lease', 'evidence'] as const
const sources = ['lab', 'alertmanager', 'generic', 'production', 'grafana', 'test', 'x'] as const
const credentials = [undefined, 'Bearer ', 'Bearer secret', 'Basic YWRtaW46YWRtaW4=', 'Bearer undefined'] as const
const bodies = ['an alert', 'a resolved alert', 'nothing', 'no JSON', 'an empty object'] as const

type Empty = { readonly crew: Crew; readonly target: Target }
/** Something that would open a way, and the line of a config that its refusal has to name. */
type Ask = {
  readonly name: string
  readonly line: RegExp
  readonly ask: (empty: Empty, random: Random) => Promise<Said>
}
type Said = { readonly says: string; readonly accepted: boolean }

const asks: readonly Ask[] = [
  { name: 'webhook', line: /sources:/, ask: webhook },
  { name: 'webhook', line: /sources:/, ask: webhook },
  { name: 'webhook', line: /sources:/, ask: webhook },
  { name: 'millwright source list', line: /sources:/, ask: (empty) => command(empty, ['source', 'list']) },
  { name: 'millwright host list', line: /inventory:/, ask: (empty) => command(empty, ['host', 'list']) },
  { name: 'millwright playbook list', line: /playbooks:/, ask: modes },
]

async function tryOne(empty: Empty, before: Mark, { name, line, ask }: Ask, random: Random): Promise<Try> {
  const { says, accepted } = await ask(empty, random)
  const rows = await countRows(empty.crew)
  const knocks = await saidSince(empty.target, before, ({ SYSLOG_IDENTIFIER }) => SYSLOG_IDENTIFIER === 'sshd')
  const shown = says.replaceAll(/\s+/g, ' ').slice(0, 100)
  const failure = accepted
    ? 'It was accepted.'
    : !line.test(says)
      ? `The refusal names no line ${line.source}`
      : rows.length > 0
        ? `Something was recorded: ${rows.join(', ')}`
        : knocks.length > 0
          ? `The host heard: ${knocks[0] ?? ''}`
          : null
  return { says: `${name}: ${shown}`, failure }
}

async function countRows({ store }: Crew): Promise<readonly string[]> {
  const counted = await Promise.all(
    tables.map(async (table) => {
      const row = await store
        .selectFrom(table)
        .select(({ fn }) => fn.countAll<string>().as('rows'))
        .executeTakeFirstOrThrow()
      return { table, rows: Number(row.rows) }
    }),
  )
  return counted.flatMap(({ table, rows }) => (rows === 0 ? [] : [`${rows} in ${table}`]))
}

async function webhook({ crew, target }: Empty, random: Random): Promise<Said> {
  const { host } = target
  const credential = random.pick(credentials)
  const type = random.pick(['application/json', 'application/json; charset=utf-8'])
  const headers = { 'content-type': type, ...(credential === undefined ? {} : { authorization: credential }) }
  const alert: Alert = {
    host: random.pick([host.name, host.address]),
    unit: 'nginx.service',
    status: 'firing',
    startsAt: new Date(),
  }
  const body = bodyOf(random.pick(bodies), alert)
  const response = await fetch(`${crew.client().url}/hooks/v1/${random.pick(sources)}`, {
    method: 'POST',
    headers,
    body,
  })
  return { says: `${response.status} ${await response.text()}`, accepted: response.ok }
}

function bodyOf(kind: (typeof bodies)[number], alert: Alert): string {
  switch (kind) {
    case 'an alert':
      return JSON.stringify(payloadOf(alert))
    case 'a resolved alert':
      return JSON.stringify(payloadOf({ ...alert, status: 'resolved' }))
    case 'nothing':
      return ''
    case 'no JSON':
      return '{"version": "4", '
    case 'an empty object':
      return '{}'
  }
}

/** What a person sees; it is an answer, so it counts as accepted only when it shows something. */
async function command({ crew }: Empty, args: readonly string[]): Promise<Said> {
  const asked = [millwright, ...args, '--data', crew.folder.root]
  const [text, json] = await Promise.all([
    execa(process.execPath, asked, { reject: false, all: true }),
    execa(process.execPath, [...asked, '-o', 'json'], { reject: false }),
  ])
  return { says: text.all, accepted: json.stdout.trim() !== '[]' }
}

/** One without a mode says nothing about what it may do. */
const Modes = z.array(z.looseObject({ mode: z.string() })).min(1)
const Playbooks = z.array(z.looseObject({ id: z.string(), modes: Modes }))

async function modes(empty: Empty): Promise<Said> {
  const playbooks = Playbooks.parse(await empty.crew.client().get('/playbooks'))
  const above = playbooks.filter((one) => one.modes.some(({ mode }) => mode !== 'draft'))
  const { says } = await command(empty, ['playbook', 'list'])
  return { says, accepted: playbooks.length === 0 || above.length > 0 }
}

await prove({
  name: 'starts-empty',
  what: 'without a config no webhook is accepted, no host is reached and no playbook is above draft, and each refusal names the line of the config that would allow it',
  begin: async ({ say }) => {
    const folder = await mkdtemp(join(tmpdir(), 'millwright-proof-'))
    await chmod(folder, 0o711)
    const lab = await startLab({ hosts: 1, monitoring: false, progress: say })
    const state = requireState(lab.name)
    const [host] = state.hosts
    if (host === undefined) throw new Error('a lab without a host')
    const target = { state, host, root: hostPaths(state.name, host.name).root }
    const crew = await startCrew({ data: join(folder, 'data'), config: null })
    const before = await mark(target)
    return {
      round: async ({ random, round }) => {
        const ask = asks[round % asks.length]
        return ask === undefined ? [] : [await tryOne({ crew, target }, before, ask, random)]
      },
      end: async () => {
        await crew.stop()
        await lab.stop()
        await rm(folder, { recursive: true, force: true })
      },
    }
  },
})
