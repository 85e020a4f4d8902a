// A program that takes our place: same terminal, same signals, same exit code.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { withParentDeathSignal } from './run.mjs'

/** @type {readonly NodeJS.Signals[]} */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']

/**
 * Runs a program with our standard streams and returns its exit code, 128 + n where signal n ended it.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, twiceIsOnce?: boolean }} [how]
 *   `twiceIsOnce`: a second Ctrl-C means nothing more to it
 * @returns {Promise<number>}
 */
export function runInForeground(program, args, { env = process.env, twiceIsOnce = false } = {}) {
  const [command, commandArgs] = withParentDeathSignal(program, args, 'TERM')
  const child = spawn(command, commandArgs, { stdio: 'inherit', env })
  /** @param {NodeJS.Signals} signal */
  const forward = (signal) => {
    // Ctrl-C on a terminal reaches the whole group by itself, and nothing tells it from `kill -INT` on us alone:
    // whom twice would drive to impatience gets it from the terminal only.
    const mayBeFromTerminal = process.stdin.isTTY && (signal === 'SIGINT' || signal === 'SIGQUIT')
    if (twiceIsOnce || !mayBeFromTerminal) child.kill(signal)
  }
  for (const signal of signals) process.on(signal, forward)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      for (const name of signals) process.removeListener(name, forward)
      resolve(code ?? 128 + constants.signals[signal ?? 'SIGTERM'])
    })
  })
}
