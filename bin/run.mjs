// Starts the programs that set-up needs: never through a shell, never outliving it.
import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { basename, delimiter, join } from 'node:path'
import { CommandFailed } from './setup-error.mjs'

const keptLines = 30
const tickMilliseconds = 1_000

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()

/** Ends what is still running; for the handlers of signals. */
export function endChildren() {
  for (const child of running) child.kill('SIGTERM')
}

/**
 * Where a program lies on the path, or null.
 * @param {string} program
 * @param {string} [path]
 */
export function onPath(program, path = process.env['PATH'] ?? '') {
  // Root's path often lacks the folders in which Debian keeps tools for root.
  for (const folder of [...path.split(delimiter), '/usr/sbin', '/sbin']) {
    if (folder !== '' && isExecutable(join(folder, program))) return join(folder, program)
  }
  return null
}

/** @param {string} file */
export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * Runs a program to its end and returns its standard output. Throws `CommandFailed`.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{
 *   progress?: import('./types.d.mts').Progress, label?: string, meter?: (line: string) => string | null,
 *   env?: NodeJS.ProcessEnv, cwd?: string, whenWeDie?: 'KILL' | 'TERM' | 'goes on',
 * }} [options] `meter` turns a line of output into what is shown beside the elapsed time; `whenWeDie`: the
 *   signal that the kernel sends it when this process is killed; `goes on` for what must not be stopped half-way.
 * @returns {Promise<string>}
 */
export async function run(
  program,
  args,
  { progress, label = basename(program), meter, env, cwd, whenWeDie = 'KILL' } = {},
) {
  const [command, commandArgs] =
    whenWeDie === 'goes on' ? [program, args] : withParentDeathSignal(program, args, whenWeDie)
  const child = spawn(command, commandArgs, { stdio: ['ignore', 'pipe', 'pipe'], env: env ?? process.env, cwd })
  running.add(child)
  /** @type {string[]} */
  const tail = []
  /** @type {string | null} */
  let note = null
  let output = ''
  const started = Date.now()
  const timer = setInterval(() => {
    const seconds = Math.round((Date.now() - started) / 1000)
    progress?.tick(`${label}: ${seconds} s${note === null ? '' : `, ${note}`}`)
  }, tickMilliseconds)
  /** @param {string} line */
  const see = (line) => {
    tail.push(line)
    if (tail.length > keptLines) tail.shift()
    note = meter?.(line) ?? note
  }
  child.stdout.on('data', (chunk) => (output += chunk))
  eachLine(child.stdout, see)
  eachLine(child.stderr, see)
  try {
    const how = await ending(child)
    if (how !== null) throw new CommandFailed({ command: label, how, tail })
    return output
  } finally {
    clearInterval(timer)
    running.delete(child)
  }
}

/**
 * Null when it ended well, else how it ended.
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<string | null>}
 */
function ending(child) {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not start: ${error.message}`))
    child.once('close', (code, signal) => {
      resolve(code === 0 ? null : signal === null ? `ended with code ${code}` : `was ended by ${signal}`)
    })
  })
}

/**
 * @param {import('node:stream').Readable} stream
 * @param {(line: string) => void} see
 */
function eachLine(stream, see) {
  let rest = ''
  stream.setEncoding('utf8').on('data', (chunk) => {
    const lines = (rest + chunk).split(/[\r\n]+/)
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') see(line)
  })
  stream.on('end', () => rest.trim() !== '' && see(rest))
}

/**
 * The same program, ended by the kernel when this process dies, even by `kill -9`.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {string} [signal]
 * @returns {[string, readonly string[]]}
 */
export function withParentDeathSignal(program, args, signal = 'KILL') {
  const setpriv = process.platform === 'linux' ? onPath('setpriv') : null
  return setpriv === null ? [program, args] : [setpriv, ['--pdeathsig', signal, '--', program, ...args]]
}
