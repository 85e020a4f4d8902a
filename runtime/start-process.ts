// The entry of every process of ours: reads what it is given from descriptor 3, starts its modules by path, says so,
// and ends with the supervisor.
import { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { Failure, failureCode } from '../domain/failure.ts'
import { HandOver, handOverDescriptor, type Report } from './hand-over.ts'
import { knowSecrets } from './known-secrets.ts'
import { createLogger, logStream } from './logger.ts'
import { type ProcessContext, type Running, shutdownSeconds, type StartProcess } from './process.ts'
import { redactText } from './redaction.ts'

const channel = new Socket({ fd: handOverDescriptor, readable: true, writable: true })
const lines = createInterface({ input: channel })
const running: Running[] = []
let ending = false

lines.once('line', (line) => void begin(line))
// Nobody is there any more who could restart or stop us.
channel.once('close', () => void end(0))
channel.on('error', () => channel.destroy())
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void end(0))

async function begin(line: string): Promise<void> {
  try {
    const given = HandOver.parse(JSON.parse(line))
    process.title = `millwright ${given.name}`
    knowSecrets(secretsOf(given))
    const context = contextOf(given)
    for (const path of given.modules) running.push(await startOf(path).then((start) => start(context)))
    const tells = Object.assign({}, ...running.map((one) => one.tells ?? {}))
    report({ kind: 'running', says: running.map(({ says }) => says), tells })
  } catch (error) {
    report(failed(error))
    await end(1)
  }
}

function contextOf(given: HandOver): ProcessContext {
  const log = createLogger({ name: given.name, redact: redactText, stream: logStream(1), style: 'json' })
  const { config, databaseUrl, temporal, privateDir } = given
  return { config, databaseUrl, temporal, privateDir, log, secret: (reference) => secretOf(given, reference) }
}

/** Everything that nobody else may read; the database's password stands in its address, and is known as it stands. */
function secretsOf({ secrets, databaseUrl }: HandOver): readonly string[] {
  const values = Object.values(secrets).flatMap((secret) => ('value' in secret ? [secret.value] : []))
  return [...values, URL.parse(databaseUrl)?.password ?? '']
}

function secretOf(given: HandOver, reference: string): string {
  const found = given.secrets[reference]
  if (found !== undefined && 'value' in found) return found.value
  const problem = found?.problem ?? `The secret ${reference} does not belong to the process ${given.name}.`
  throw new Failure({ code: 'config.invalid', message: problem, hint: 'Check the references in the config.' })
}

async function startOf(path: string): Promise<StartProcess> {
  const module: { readonly start?: StartProcess } = await import(pathToFileURL(path).href)
  if (typeof module.start === 'function') return module.start
  throw new Failure({ code: 'config.module-broken', message: `${path} exports no function \`start\`.` })
}

function failed(error: unknown): Report {
  const message = error instanceof Error ? error.message : String(error)
  const hint = error instanceof Failure ? (error.hint ?? null) : null
  logStream(2).write(redactText(`${error instanceof Error ? (error.stack ?? message) : message}\n`))
  return { kind: 'failed', code: failureCode(error), message: redactText(message), hint }
}

function report(said: Report): void {
  channel.write(`${JSON.stringify(said)}\n`)
}

async function end(code: number): Promise<void> {
  if (ending) return
  ending = true
  setTimeout(() => process.exit(1), shutdownSeconds * 1_000).unref()
  for (const one of running.toReversed()) await one.stop().catch((error: unknown) => failed(error))
  process.exit(code)
}
