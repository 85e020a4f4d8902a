// All hosts of all labs share what the kernel lets one user watch; a host whose systemd gets nothing of it never starts
// its services, and says so nowhere.
import { readdir, readFile, readlink, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../domain/failure.ts'

/** Instances of inotify that root takes in one host, measured. */
const perHost = 6
const limitFile = '/proc/sys/fs/inotify/max_user_instances'

/** Refuses a lab for whose hosts not enough is left. */
export async function checkWatches(webHosts: number): Promise<void> {
  const limit = Number(await readFile(limitFile, 'utf8'))
  const used = await watchesInUse()
  // The monitoring host counts, too.
  const needed = (webHosts + 1) * perHost
  if (used + needed <= limit) return
  throw new Failure({
    code: 'setup.missing',
    message: `A lab of ${webHosts} hosts takes ${needed} inotify instances; ${used} of this machine's ${limit} are in use.`,
    hint: `Stop other labs, ask for fewer hosts, or type: sysctl fs.inotify.max_user_instances=${used + needed + limit}`,
  })
}

async function watchesInUse(): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const counts = await Promise.all(pids.map((pid) => watchesOf(join('/proc', pid, 'fd'))))
  return counts.reduce((sum, one) => sum + one, 0)
}

async function watchesOf(folder: string): Promise<number> {
  // Each account has a limit of its own; the hosts' systemd is root.
  const owner = await stat(folder).catch(() => null)
  if (owner?.uid !== 0) return 0
  const entries = await readdir(folder).catch(() => [])
  const targets = await Promise.all(entries.map((entry) => readlink(join(folder, entry)).catch(() => '')))
  return targets.filter((target) => target === 'anon_inode:inotify').length
}
