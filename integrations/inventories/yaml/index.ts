// Hosts in one YAML file: `hosts:` and a list.
import { readFile } from 'node:fs/promises'
import { LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { Failure } from '../../../domain/failure.ts'
import { checkHosts } from '../../inventory-host.ts'
import type { Inventory } from '../../inventory.ts'

const Config = z.strictObject({ file: z.string().min(1) })
type Config = z.infer<typeof Config>

const Document = z.strictObject({ hosts: z.array(z.unknown()).max(1_000_000) })

async function load({ file }: Config) {
  const lines = new LineCounter()
  const document = parseDocument(await textOf(file), { lineCounter: lines, uniqueKeys: true })
  const [problem] = document.errors
  if (problem !== undefined) throw invalid(`${file}: ${problem.message}`, problem)
  const parsed = Document.safeParse(plainValue(file, () => document.toJS({ maxAliasCount: 0 })))
  if (!parsed.success) throw invalid(`${file}: expected one key, hosts, with a list of hosts`, parsed.error)
  return checkHosts(parsed.data.hosts, (at) => `${file}${lineOf(document.getIn(['hosts', at], true), lines)}`)
}

function plainValue(file: string, read: () => unknown): unknown {
  try {
    return read()
  } catch (cause) {
    throw invalid(`${file}: YAML anchors and aliases are not taken`, cause)
  }
}

function lineOf(node: unknown, lines: LineCounter): string {
  const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined
  const offset = Array.isArray(range) && typeof range[0] === 'number' ? range[0] : undefined
  return offset === undefined ? '' : ` line ${lines.linePos(offset).line}`
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw invalid(`The inventory ${file} can't be read.`, cause)
  }
}

function invalid(message: string, cause: unknown): Failure {
  return new Failure({
    code: 'config.invalid',
    message,
    hint: 'Correct that file, then reload with SIGHUP or start again.',
    cause,
  })
}

export default { config: Config, load } satisfies Inventory<Config>
