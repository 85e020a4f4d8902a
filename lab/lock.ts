// A lock between processes: a file that holds its owner's process id, taken over when that process is gone.
import { access, readFile, rm, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../domain/failure.ts'

const pollMs = 100

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
  } catch {
    const owner = Number(await readFile(path, 'utf8').catch(() => ''))
    // An empty file is one whose owner is between creating and writing it.
    if (
      owner > 0 &&
      !(await access(`/proc/${String(owner)}`).then(
        () => true,
        () => false,
      ))
    )
      await rm(path, { force: true })
    return false
  }
}
