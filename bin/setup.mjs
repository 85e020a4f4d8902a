// Gets what a command needs, each thing once, and says so on the standard error output.
import { setTimeout as sleep } from 'node:timers/promises'
import { cacheFolder, cachePath, makeReadableFolder } from './cache.mjs'
import { withLock } from './lock.mjs'
import { endChildren } from './run.mjs'
import { reasonOf, SetupError } from './setup-error.mjs'
import { tools } from './tools.mjs'

const countdownSeconds = 10
const tickEveryMilliseconds = 15_000
const cancelled = 3

/** @typedef {import('./types.d.mts').Tool} Tool */
/** @typedef {import('./types.d.mts').Progress} Progress */
/**
 * @typedef {{ needs: readonly string[], yes?: boolean, log?: (line: string) => void, from?: readonly Tool[] }} SetUp
 */

/**
 * Makes sure that the named tools are there; changes nothing when they are. Throws `SetupError`.
 * `from` is the table to look them up in.
 * @param {SetUp} options
 * @returns {Promise<void>}
 */
export async function setUp({ needs, yes = false, log = logLine, from = tools }) {
  const wanted = from.filter((tool) => needs.includes(tool.name))
  if (wanted.every((tool) => tool.find() !== null)) return
  // The database's user must be able to read what root puts into the cache.
  process.umask(0o022)
  makeCache()
  const forget = stopOnSignals()
  try {
    await withLock(cachePath('set-up.lock'), { log, work: () => getMissing(wanted, { yes, log }) })
  } finally {
    forget()
  }
}

/**
 * @param {readonly Tool[]} wanted
 * @param {{ yes: boolean, log: (line: string) => void }} options
 */
async function getMissing(wanted, { yes, log }) {
  const missing = wanted.filter((tool) => tool.find() === null)
  if (missing.length === 0) return
  log(`Set-up: ${missing.map(({ name }) => name).join(', ')} (what is kept goes to ${cacheFolder()})`)
  await announceChanges(missing, { yes, log })
  for (const tool of missing) {
    // A tool before it may have brought it along.
    if (tool.find() === null) await getOne(tool, log)
  }
  log('Set-up: done')
}

/**
 * @param {Tool} tool
 * @param {(line: string) => void} log
 */
async function getOne(tool, log) {
  const started = Date.now()
  log(`- ${tool.name}: ${tool.why} -> ${tool.where()}`)
  try {
    await tool.get(progressFor(tool.name, log))
  } catch (error) {
    if (error instanceof SetupError) throw error
    throw new SetupError({ what: `The step ${tool.name} failed`, why: reasonOf(error), fix: tool.fix })
  }
  if (tool.find() === null) {
    const why = 'its set-up ended well and yet it is not there'
    throw new SetupError({ what: `The step ${tool.name} failed`, why, fix: tool.fix })
  }
  log(`  ${tool.name}: done in ${Math.round((Date.now() - started) / 1000)} s`)
}

/**
 * Lists what changes on the machine itself, and leaves a person ten seconds to stop it.
 * @param {readonly Tool[]} missing
 * @param {{ yes: boolean, log: (line: string) => void }} options
 */
async function announceChanges(missing, { yes, log }) {
  const lines = []
  for (const tool of missing) lines.push(...((await tool.changes?.(progressFor(tool.name, log))) ?? []))
  if (lines.length === 0) return
  log('This changes the machine itself; nothing of it starts a daemon:')
  for (const line of lines) log(`  * ${line}`)
  const reason = yes
    ? '--yes was given'
    : process.env['CI'] === 'true'
      ? 'CI=true'
      : hasTerminal()
        ? null
        : 'there is no terminal'
  if (reason !== null) {
    log(`Going on at once: ${reason}.`)
    return
  }
  for (let left = countdownSeconds; left > 0; left -= 1) {
    process.stderr.write(`\rGoing on in ${left} s; Ctrl-C stops, and nothing has been changed so far. `)
    await sleep(1_000)
  }
  process.stderr.write('\n')
}

function hasTerminal() {
  return process.stdin.isTTY === true && process.stderr.isTTY === true
}

/**
 * On a terminal the ticks of a step share one line; elsewhere one is shown now and then.
 * @param {string} name
 * @param {(line: string) => void} log
 * @returns {Progress}
 */
function progressFor(name, log) {
  let next = Date.now() + tickEveryMilliseconds
  return {
    line: (text) => log(`  ${name}: ${text}`),
    tick: (text) => {
      if (process.stderr.isTTY && log === logLine) {
        process.stderr.write(`\r\u001B[2K  ${text}`.slice(0, process.stderr.columns || 80))
        return
      }
      if (Date.now() < next) return
      next = Date.now() + tickEveryMilliseconds
      log(`  ${text}`)
    },
  }
}

/** @param {string} line */
function logLine(line) {
  process.stderr.write(`${process.stderr.isTTY ? '\r\u001B[2K' : ''}${line}\n`)
}

function makeCache() {
  try {
    makeReadableFolder(cacheFolder())
  } catch (error) {
    const why = reasonOf(error)
    const fix = 'set MILLWRIGHT_CACHE to a folder that can be written, and try again'
    throw new SetupError({ what: `The cache folder ${cacheFolder()} could not be made`, why, fix })
  }
}

/** Ctrl-C and its relatives end the children, give the lock back and say what that means. */
function stopOnSignals() {
  /** @param {NodeJS.Signals} signal */
  const stop = (signal) => {
    endChildren()
    process.stderr.write('\nStopped. What was complete stays; the rest is got by the next start.\n')
    process.exit(signal === 'SIGINT' ? cancelled : 128 + (signal === 'SIGTERM' ? 15 : 1))
  }
  /** @type {readonly NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, stop)
  return () => {
    for (const signal of signals) process.removeListener(signal, stop)
  }
}
