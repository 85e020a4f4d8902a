// Runs the machine's own tools. Argument arrays only, never a shell.
import { execa } from 'execa'
import { Failure } from '../domain/failure.ts'

/** Far above any single step of the lab except the base, which says its own limit. */
const stepTimeoutMs = 60_000
const outputLimit = 4 * 1024 * 1024
const shownOutput = 800

type RunOptions = {
  readonly timeoutMs?: number
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  /** Called with each line of both outputs, for commands long enough to show progress. */
  readonly onLine?: (line: string) => void
}

/** What a finished command said; `exitCode` is 0 unless `attempt` was used. */
export type Ran = { readonly exitCode: number; readonly stdout: string; readonly stderr: string }

/** Runs one command and throws `setup.missing` or `upstream.unavailable` when it did not end with 0. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const ran = await attempt(argv, options)
  if (ran.exitCode === 0) return ran.stdout
  const said = `${ran.stderr}\n${ran.stdout}`.trim().slice(-shownOutput)
  throw new Failure({
    code: 'upstream.unavailable',
    message: `The lab ran ${argv.join(' ')} and it ended with ${String(ran.exitCode)}: ${said}`,
  })
}

/** Runs one command; ending with another code than 0 is a result here, not a fault. */
export async function attempt(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const [file, ...args] = argv
  if (file === undefined) throw new Failure({ code: 'bug', message: 'The lab was asked to run an empty command.' })
  const child = execa(file, args, {
    reject: false,
    timeout: options.timeoutMs ?? stepTimeoutMs,
    maxBuffer: outputLimit,
    all: options.onLine !== undefined,
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    ...(options.env === undefined ? {} : { env: options.env }),
  })
  if (options.onLine !== undefined) for await (const line of child.iterable({ from: 'all' })) options.onLine(line)
  const result = await child
  if (result.code === 'ENOENT') {
    throw new Failure({
      code: 'setup.missing',
      message: `The lab needs the command "${file}", which this machine does not have.`,
      hint: 'Install what it comes with: apt-get install systemd-container debootstrap iproute2 nftables.',
    })
  }
  return { exitCode: result.exitCode ?? 128, stdout: result.stdout, stderr: result.stderr }
}
