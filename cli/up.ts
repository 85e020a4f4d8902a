import { once } from 'node:events'
import { emptyConfig, readConfig } from '../runtime/config.ts'
import { createLogger, logStream } from '../runtime/logger.ts'
import { redactText } from '../runtime/redaction.ts'
import { startSupervisor, type Supervisor, type SupervisorOptions } from '../runtime/supervisor.ts'
import { firstConfig, firstConfigFile } from '../domain/first-config.ts'
import { type CliCommand, exitCode } from './command.ts'
import { say } from './print.ts'

type Options = { readonly config?: string; readonly data?: string; readonly restored?: true }

export default {
  summary: 'run Millwright on this machine until Ctrl-C',
  build: (command) => {
    command
      .option('--config <file>', 'what it may do; without one it starts empty')
      .option('--data <dir>', 'where it keeps everything')
      .option(
        '--restored',
        'its database comes from a backup: stop all changes, then count on above every earlier lease',
      )
      .action(up)
  },
} satisfies CliCommand

async function up({ config: file, data, restored }: Options): Promise<void> {
  const config = file === undefined ? emptyConfig : readConfig(file)
  const style = process.stderr.isTTY ? 'lines' : 'json'
  const log = createLogger({ name: 'up', redact: redactText, stream: logStream(2), style })
  const asked = endAsked()
  const startsNoMore = (): void => log.info('Stopping, as soon as what is starting has started.')
  asked.addEventListener('abort', startsNoMore)
  const supervisor = await started({ dataDir: data, config, log, restored, ended: asked })
  asked.removeEventListener('abort', startsNoMore)
  if (supervisor === null) {
    log.info('Stopped. The next start goes on from there.')
    process.exitCode = exitCode.cancelled
    return
  }
  if (!process.stdin.isTTY) process.on('SIGHUP', () => supervisor.reload())
  log.info({ url: supervisor.url, data: supervisor.folder.root }, `Millwright is up: ${supervisor.url}`)
  welcome(supervisor, file)
  if (!asked.aborted) await once(asked, 'abort')
  log.info('Stopping.')
  await supervisor.stop()
  log.info('Stopped.')
}

/** Null when it was ended on the way. What a Ctrl-C interrupts fails, and that is no news. */
async function started(options: SupervisorOptions & { readonly ended: AbortSignal }): Promise<Supervisor | null> {
  try {
    return await startSupervisor(options)
  } catch (error) {
    if (options.ended.aborted) return null
    throw error
  }
}

/** Listens from before anything is started. */
function endAsked(): AbortSignal {
  const asked = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => asked.abort())
  // A terminal that is closed; without one the signal means that inventory, policies and catalogue shall be read
  // again.
  if (process.stdin.isTTY) process.on('SIGHUP', () => asked.abort())
  return asked.signal
}

function welcome(supervisor: Supervisor, file: string | undefined): void {
  for (const line of supervisor.says) say(`  ${line}`)
  say(`  data and logs  ${supervisor.folder.root}`)
  if (file === undefined) say(empty)
  for (const line of loginLines(supervisor, process.stderr.isTTY)) say(line)
}

/** How to come in. The code is for eyes on a terminal; a log file keeps none, and says how to get one. */
export function loginLines(
  { url, loginCode, folder: { root } }: Pick<Supervisor, 'url' | 'loginCode' | 'folder'>,
  isTerminal: boolean,
): readonly string[] {
  if (!isTerminal) return [`A code to log in at ${url}: npx millwright person invite NAME --role admin --data ${root}`]
  return [
    `\nOpen ${url} and log in with the one-time code ${loginCode} (valid for ten minutes).`,
    `On this machine \`npx millwright status --data ${root}\` works at once. Ctrl-C stops everything.`,
  ]
}

const empty = `
Started without a config: no webhook is accepted, no host is reached, no playbook is above draft.
Each refusal names the line that would allow it. To begin, write ${firstConfigFile} and name it with --config:

${firstConfig.replaceAll(/^/gm, '  ')}
docs/connect.md goes on from there.`
