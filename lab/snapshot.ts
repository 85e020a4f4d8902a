// What a host looked like before a fault, and what differs now beyond what a repair may change.
import { createHash } from 'node:crypto'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import type { Allowance, Target } from './fault.ts'
import { systemctl } from './inside.ts'
import { listeningPorts } from './look.ts'

/** Everything that a team would call theirs on such a host. */
const declaredFolders = ['/etc', '/usr/local', '/var/www', '/var/lib/acme', '/var/spool/cron'] as const
/** Written by the system itself while it runs. */
const ownChanges = [
  /^\/etc\/(mtab|resolv\.conf|machine-id|\.pwd\.lock|ld\.so\.cache)$/,
  /^\/etc\/systemd\/system\.control\//,
]
/** Units that come and go by themselves: timers' jobs, log-ins, and systemd's own. */
const ownUnits =
  /^(systemd-|user@|user-runtime-dir@|run-|session-|logrotate|man-db|apt-|dpkg-|e2scrub|modprobe@|phpsessionclean)/

const UnitLook = z.strictObject({ active: z.string(), mainPid: z.string() })
export const Snapshot = z.strictObject({
  units: z.record(z.string(), UnitLook),
  ports: z.array(z.int()).readonly(),
  files: z.record(z.string(), z.string()),
})
export type Snapshot = z.infer<typeof Snapshot>

export async function takeSnapshot(target: Target): Promise<Snapshot> {
  const [units, files] = await Promise.all([unitsOf(target), filesOf(target)])
  return { units, ports: listeningPorts(target), files }
}

/** One sentence for each difference that the allowance does not cover. */
export function collateralOf(before: Snapshot, now: Snapshot, allowed: Allowance): readonly string[] {
  return [
    ...unitChanges(before, now, allowed),
    ...portChanges(before, now, allowed),
    ...fileChanges(before, now, allowed),
  ]
}

function unitChanges(before: Snapshot, now: Snapshot, { units }: Allowance): readonly string[] {
  const names = new Set([...Object.keys(before.units), ...Object.keys(now.units)])
  return [...names]
    .filter((name) => !units.includes(name))
    .flatMap((name) => {
      const was = before.units[name]?.active ?? 'inactive'
      const is = now.units[name]?.active ?? 'inactive'
      if (was !== is) return [`The unit ${name} was ${was} and is ${is}.`]
      const restarted = is === 'active' && before.units[name]?.mainPid !== now.units[name]?.mainPid
      return restarted ? [`The unit ${name} was restarted.`] : []
    })
}

function portChanges(before: Snapshot, now: Snapshot, { ports }: Allowance): readonly string[] {
  const gone = before.ports.filter((port) => !now.ports.includes(port) && !ports.includes(port))
  const fresh = now.ports.filter((port) => !before.ports.includes(port) && !ports.includes(port))
  return [
    ...gone.map((port) => `Nothing listens on port ${String(port)} any more.`),
    ...fresh.map((port) => `Something listens on port ${String(port)} now.`),
  ]
}

function fileChanges(before: Snapshot, now: Snapshot, { files }: Allowance): readonly string[] {
  const covered = (path: string): boolean =>
    files.some((allowed) => (allowed.endsWith('/') ? path.startsWith(allowed) : path === allowed))
  const paths = new Set([...Object.keys(before.files), ...Object.keys(now.files)])
  return [...paths]
    .filter((path) => before.files[path] !== now.files[path] && !covered(path))
    .map((path) => {
      if (now.files[path] === undefined) return `The file ${path} is gone.`
      return before.files[path] === undefined ? `The file ${path} is new.` : `The file ${path} was changed.`
    })
}

async function unitsOf({ host }: Target): Promise<Snapshot['units']> {
  const shown = await systemctl(host, 'show', '--all', '--property=Id,ActiveState,MainPID,LoadState', '*.service')
  const units: Snapshot['units'] = {}
  for (const block of shown.split('\n\n')) {
    const field = Object.fromEntries(block.split('\n').map((line) => line.split('=', 2)))
    const {
      Id: id,
      ActiveState: active,
      MainPID: mainPid,
      LoadState: load,
    } = z.record(z.string(), z.string()).parse(field)
    if (id === undefined || active === undefined || load === 'not-found' || ownUnits.test(id)) continue
    units[id] = { active, mainPid: mainPid ?? '0' }
  }
  return units
}

async function filesOf({ root }: Target): Promise<Snapshot['files']> {
  const files: Snapshot['files'] = {}
  for (const folder of declaredFolders) {
    const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(() => [])
    for (const entry of entries) {
      const full = join(entry.parentPath, entry.name)
      const path = full.slice(root.length)
      if (ownChanges.some((own) => own.test(path))) continue
      if (entry.isSymbolicLink()) files[path] = `-> ${await readlink(full)}`
      else if (entry.isFile())
        files[path] = createHash('sha256')
          .update(await readFile(full))
          .digest('hex')
    }
  }
  return files
}
