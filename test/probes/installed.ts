// The host's real program, installed in a folder of its own, and asked in real processes.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { z } from 'zod'
import { type HostSchema, loadProbes } from '../../probes/load.ts'

const source = join(import.meta.dirname, '../..')

const Happened = z.array(z.strictObject({ code: z.int(), output: z.string(), errors: z.string(), seconds: z.number() }))
export type Happened = z.infer<typeof Happened>[number]

export type Case = {
  readonly request: string | Uint8Array
  readonly environment?: Readonly<Record<string, string>>
  readonly arguments?: readonly string[]
  /** Never ends its input. */
  readonly hold?: boolean
}

export type Installed = {
  readonly schema: HostSchema
  readonly folder: string
  /** Each case in a process of its own, one after the other. */
  readonly ask: (cases: readonly Case[]) => Promise<readonly Happened[]>
  readonly remove: () => void
}

/** Installs as onboard-host does, with the readers of a folder of probes. */
export async function install(declaration: object, probesFolder = join(source, 'probes')): Promise<Installed> {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-host-'))
  const installed = join(folder, 'lib')
  const settings = join(folder, 'etc')
  mkdirSync(join(installed, 'readers'), { recursive: true })
  mkdirSync(settings)
  for (const name of readdirSync(join(source, 'host'))) {
    if (name.endsWith('.py')) cpSync(join(source, 'host', name), join(installed, name))
  }
  const { schema } = await loadProbes(probesFolder)
  for (const name of Object.keys(schema.probes)) {
    cpSync(join(probesFolder, name, 'reader.py'), join(installed, 'readers', `${name}.py`))
  }
  writeFileSync(join(installed, 'schema.json'), JSON.stringify(schema))
  writeFileSync(join(settings, 'host-id'), 'web-01\n')
  writeFileSync(join(settings, 'declaration.json'), JSON.stringify({ version: 1, ...declaration }))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  return { schema, folder, remove, ask: (cases) => askAll(installed, settings, cases) }
}

async function askAll(installed: string, settings: string, cases: readonly Case[]): Promise<readonly Happened[]> {
  const input = JSON.stringify(
    cases.map(({ request, ...rest }) => ({ ...rest, request: Buffer.from(request).toString('base64') })),
  )
  const program = join(import.meta.dirname, 'program.py')
  const { stdout } = await execa('python3', ['-IS', program, installed, settings], {
    input,
    maxBuffer: 64 * 1024 * 1024,
  })
  return Happened.parse(JSON.parse(stdout))
}
