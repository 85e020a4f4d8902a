// A lock between processes: a file that holds its owner's process id, taken over when that process is gone.
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../domain/failure.ts'

const pollMs = 100
const emptyMs = 5000

type LockOptions = {
  readonly path: string
  /** How long to wait for another owner before failing. */
  readonly waitMs: number
  /** Called once when somebody else holds the lock. */
  readonly onWait?: () => void
}

/** Runs `work` while holding the lock, and releases it whatever happens. */
export async function withLock<Result>(
  { path, waitMs, onWait }: LockOptions,
  work: () => Promise<Result>,
): Promise<Result> {
  await mkdir(dirname(path), { recursive: true })
  const deadline = Date.now() + waitMs
  for (let told = false; !(await take(path));) {
    if (!told) onWait?.()
    told = true
    if (Date.now() > deadline) {
      const hint = `If nothing of the lab is running, remove ${path} and try again.`
      throw new Failure({ code: 'setup.missing', message: `The lab waited in vain for the holder of ${path}.`, hint })
    }
    await sleep(pollMs)
  }
  try {
    return await work()
  } finally {
    await rm(path, { force: true })
  }
}

async function take(path: string): Promise<boolean> {
  try {
    await writeFile(path, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    if (await isAbandoned(path)) await rm(path, { force: true })
    return false
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  try {
    const owner = Number(await readFile(path, 'utf8'))
    if (owner > 0) return !existsSync(`/proc/${String(owner)}`)
    // Between creating and writing it, unless its owner ended right there.
    return Date.now() - (await stat(path)).mtimeMs > emptyMs
  } catch {
    return false
  }
}
