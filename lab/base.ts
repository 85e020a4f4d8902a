// Builds the read-only base once: debootstrap in two stages, so that no package's start-up script ever runs on this
// machine.
import { lstat, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../domain/failure.ts'
import { withLock } from './lock.ts'
import { labCache } from './paths.ts'
import { baseDigest, maskedUnits, monitorServices, packages, suite, trimmed } from './recipe.ts'
import { attempt, run } from './run.ts'

const buildTimeoutMs = 20 * 60_000

/** Told what the lab is doing, one sentence at a time. */
export type Progress = (line: string) => void

/** The folder of the base for the present recipe, whether it exists or not. */
export function baseFolder(): string {
  return join(labCache(), `base-${baseDigest()}`)
}

/** Makes the base if it is missing and returns its folder. Two builders at once are safe: the later one waits. */
export async function ensureBase(progress: Progress): Promise<string> {
  const folder = baseFolder()
  if (await exists(folder)) return folder
  requireRoot()
  await mkdir(labCache(), { recursive: true })
  const onWait = (): void => progress('lab: another process is building the base; waiting for it')
  await withLock({ path: join(labCache(), 'base.lock'), waitMs: buildTimeoutMs, onWait }, async () => {
    if (await exists(folder)) return
    progress(`lab: building the hosts' base with debootstrap in ${folder} (once, about a minute, 350 MB)`)
    const building = `${folder}.building`
    await rm(building, { recursive: true, force: true })
    await build(building, progress)
    await rename(building, folder)
    progress('lab: the base is ready')
  })
  return folder
}

async function build(root: string, progress: Progress): Promise<void> {
  const options = { timeoutMs: buildTimeoutMs, env: await proxyOfApt() }
  const show = {
    ...options,
    onLine: (line: string) => {
      if (/^I: (Retrieving|Configuring) /.test(line)) progress(line)
    },
  }
  const arch = (await run(['dpkg', '--print-architecture'])).trim()
  const mirror = await mirrorOfApt()
  const include = `--include=${packages.join(',')}`
  // It must not go on writing when whoever asked for it is gone.
  const bound = ['setpriv', '--pdeathsig', 'KILL']
  await run(
    [...bound, 'debootstrap', '--foreign', '--variant=minbase', `--arch=${arch}`, include, suite, root, ...mirror],
    show,
  )
  await writeFile(join(root, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  // Own mount and process namespaces: whatever the second stage mounts or leaves running ends with it.
  const apart = [...bound, 'unshare', '--mount', '--pid', '--fork', '--kill-child', 'chroot', root]
  await run([...apart, '/debootstrap/debootstrap', '--second-stage'], show)
  await settle(root, (argv) => run([...apart, ...argv], options))
}

/** Turns a fresh Debian into one that many hosts can share: no identity of its own, monitoring switched off. */
async function settle(root: string, chroot: (argv: readonly string[]) => Promise<string>): Promise<void> {
  for (const service of monitorServices) await chroot(['systemctl', 'disable', `${service}.service`])
  for (const unit of maskedUnits) {
    const link = join(root, 'etc/systemd/system', unit)
    await rm(link, { force: true })
    await symlink('/dev/null', link)
  }
  const identity = [
    'etc/machine-id',
    'var/lib/dbus/machine-id',
    'etc/hostname',
    'etc/resolv.conf',
    'usr/sbin/policy-rc.d',
  ]
  const hostKeys = ['rsa', 'ecdsa', 'ed25519'].flatMap((kind) => [
    `etc/ssh/ssh_host_${kind}_key`,
    `etc/ssh/ssh_host_${kind}_key.pub`,
  ])
  for (const path of [...identity, ...hostKeys, ...trimmed])
    await rm(join(root, path), { recursive: true, force: true })
  await mkdir(join(root, 'var/cache/apt/archives/partial'), { recursive: true })
  await mkdir(join(root, 'var/log/journal'), { recursive: true })
  await mkdir(join(root, 'root/.ssh'), { recursive: true, mode: 0o700 })
  await writeFile(join(root, 'etc/hosts'), '127.0.0.1 localhost\n')
}

/** The mirror of the machine's own apt for this release; nothing when it has none, and debootstrap uses its default. */
async function mirrorOfApt(): Promise<readonly string[]> {
  const targets = await attempt([
    'apt-get',
    'indextargets',
    '--format',
    '$(SITE) $(RELEASE) $(COMPONENT) $(CREATED_BY)',
  ])
  const lines = targets.stdout.split('\n').map((line) => line.split(' '))
  const site = lines.find(
    ([, release, component, kind]) => release === suite && component === 'main' && kind === 'Packages',
  )?.[0]
  return site === undefined || !/^https?:\/\//.test(site) ? [] : [site]
}

async function proxyOfApt(): Promise<Record<string, string>> {
  const said = await attempt([
    'apt-config',
    'shell',
    'http_proxy',
    'Acquire::http::Proxy',
    'https_proxy',
    'Acquire::https::Proxy',
  ])
  const found = [...said.stdout.matchAll(/^(https?_proxy)='([^']+)'$/gm)]
  return Object.fromEntries(
    found.flatMap(([, name, value]) => (name === undefined || value === undefined ? [] : [[name, value]])),
  )
}

function requireRoot(): void {
  if (process.platform === 'linux' && process.getuid?.() === 0) return
  throw new Failure({
    code: 'setup.missing',
    message: 'The lab boots real machines in namespaces and needs Linux and root.',
    hint: 'Run the same command as root (sudo) on a Linux machine.',
  })
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
