// What a lab host is made of. A layer's folder carries the digest of what it is made from: a changed recipe is a new
// layer.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** The Debian release of the hosts, whatever the machine runs. */
export const suite = 'bookworm'

/** Raise it when a step of `base.ts` changes what the base contains. */
const recipeVersion = 1
const digestLength = 12

export const packages = [
  'systemd',
  'systemd-sysv',
  'dbus',
  'openssh-server',
  'python3',
  'python3-apt',
  'iproute2',
  'procps',
  'logrotate',
  'cron',
  'sudo',
  'nginx-light',
  'curl',
  'psmisc',
  'lsof',
  'prometheus-node-exporter',
  'prometheus',
  'prometheus-alertmanager',
  'prometheus-blackbox-exporter',
] as const

/** Services that only the monitoring host runs; elsewhere they are installed and never started. */
export const monitorServices = ['prometheus', 'prometheus-alertmanager', 'prometheus-blackbox-exporter'] as const

/** Units that have nothing to do in a host of minutes, or would speak to the outside. */
export const maskedUnits = [
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'dpkg-db-backup.timer',
  'e2scrub_all.timer',
  'e2scrub_reap.service',
  'fstrim.timer',
  'console-getty.service',
  'getty@.service',
  'systemd-networkd-wait-online.service',
  'remote-cryptsetup.target',
  'prometheus-node-exporter-apt.timer',
  'prometheus-node-exporter-nvme.timer',
  'systemd-pcrphase.service',
  'systemd-pcrphase-sysinit.service',
  'systemd-firstboot.service',
] as const

/** Folders that no host needs; about half of the base's size. */
export const trimmed = [
  'usr/share/doc',
  'usr/share/locale',
  'usr/share/man',
  'usr/share/info',
  'usr/share/javascript',
  'usr/share/nodejs',
  'var/cache/apt',
  'var/lib/apt/lists',
  'debootstrap',
] as const

/** Files laid over the base: configuration, and the team's own services that faults break. */
export const treeFolder = join(import.meta.dirname, 'tree')

/** The team's own services in that folder, started on every web host. */
export const teamUnits = ['acme-app.service', 'acme-sync.service'] as const

/** Twelve hexadecimal digits that name what the base is made of. */
export function baseDigest(): string {
  const hash = createHash('sha256')
  hash.update(JSON.stringify({ recipeVersion, suite, packages, monitorServices, maskedUnits, trimmed }))
  return hash.digest('hex').slice(0, digestLength)
}

/** Names the layer of files laid over the base. */
export function treeDigest(): string {
  const units = createHash('sha256').update(JSON.stringify(teamUnits)).digest('hex')
  return `${folderDigest(treeFolder)}-${units.slice(0, 4)}`
}

/** Files that no host ever gets. */
const withoutMeaning = /(^|\/)(fixtures|__pycache__)\/|\.md$/

/** Twelve hexadecimal digits over names, modes and contents of every file below these folders. */
export function folderDigest(...folders: readonly string[]): string {
  const hash = createHash('sha256')
  for (const folder of folders) {
    for (const file of filesBelow(folder)) {
      hash.update(JSON.stringify([file, statSync(join(folder, file)).mode & 0o111]))
      hash.update(readFileSync(join(folder, file)))
    }
  }
  return hash.digest('hex').slice(0, digestLength)
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => !withoutMeaning.test(path))
    .sort()
}
