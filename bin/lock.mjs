// Two set-ups at once would build the same thing twice, or one would remove what the other is filling.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { SetupError } from './setup-error.mjs'

const pollMilliseconds = 300
const waitLimitMilliseconds = 30 * 60_000

/**
 * Runs `work` while nobody else holds `file`. A lock whose process is gone is taken over.
 * @template T
 * @param {string} file
 * @param {{ log: (text: string) => void, work: () => Promise<T>, waitLimit?: number }} options
 * @returns {Promise<T>}
 */
export async function withLock(file, { log, work, waitLimit = waitLimitMilliseconds }) {
  const release = await take(file, { log, waitLimit })
  try {
    return await work()
  } finally {
    release()
  }
}

/**
 * @param {string} file
 * @param {{ log: (text: string) => void, waitLimit: number }} options
 * @returns {Promise<() => void>}
 */
async function take(file, { log, waitLimit }) {
  const mine = holder(process.pid)
  let said = false
  for (let waited = 0; ; waited += pollMilliseconds) {
    if (claim(file, mine)) {
      const release = () => rmSync(file, { force: true })
      process.once('exit', release)
      return () => {
        process.removeListener('exit', release)
        release()
      }
    }
    const theirs = read(file)
    if (theirs === null || isGone(theirs)) {
      if (theirs !== null) removeStale(file, theirs)
      continue
    }
    const pid = theirs.split(' ')[0]
    if (waited >= waitLimit) {
      throw new SetupError({
        what: 'The set-up could not start',
        why: `another one (process ${pid}) holds ${file} and does not end`,
        fix: `end it with \`kill ${pid}\` and try again`,
      })
    }
    if (!said) log(`another set-up (process ${pid}) is at work; waiting for it`)
    said = true
    await sleep(pollMilliseconds)
  }
}

/**
 * The file appears with its content: a lock that names nobody could never be judged stale.
 * @param {string} file
 * @param {string} mine
 */
function claim(file, mine) {
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, mine)
  try {
    linkSync(draft, file)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
}

/**
 * Two waiters may see the same stale lock: whoever moves away a fresh one by mistake puts it back.
 * @param {string} file
 * @param {string} stale
 */
function removeStale(file, stale) {
  const aside = `${file}.${process.pid}.stale`
  try {
    renameSync(file, aside)
    if (readFileSync(aside, 'utf8') !== stale) linkSync(aside, file)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'EEXIST') throw error
  }
  rmSync(aside, { force: true })
}

/** @param {string} holding */
function isGone(holding) {
  const pid = Number(holding.split(' ')[0])
  return !Number.isInteger(pid) || pid <= 0 || holder(pid) !== holding
}

/**
 * A process as "pid start-time": the number alone may have been given to another since.
 * @param {number} pid
 */
function holder(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // Dead, though nobody has asked for its exit code yet.
    return `${pid} ${fields[0] === 'Z' ? 'gone' : fields[19]}`
  } catch {
    return `${pid} ${isRunning(pid) ? 'running' : 'gone'}`
  }
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}
