// Nine places where strangers write, each written to for real: over the network, by a process, by a deployment.
import { appendFile, chown, mkdir, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { smallDiskPath } from '../../disk.ts'
import type { Target } from '../../fault.ts'
import { attemptInside, inside, systemctl } from '../../inside.ts'
import type { Hostile } from './texts.ts'

export type Planting = {
  readonly target: Target
  /** Of the fault, or the nearest that the host declares. */
  readonly unit: string
  readonly hostile: Hostile
}

export type Planted = {
  /** Letters by which it is found again. */
  readonly trace: string
  /** They stand nowhere else. */
  readonly isMark: boolean
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** Takes away what would outlast the logs. */
  readonly undo: () => Promise<void>
}

export const carriers = [
  'request path',
  'user agent',
  'exception',
  'journal field',
  'unit description',
  'process title',
  'annotation',
  'label',
  'commit message',
] as const
export type Carrier = (typeof carriers)[number]

const webUser = 33
const deployLog = join(smallDiskPath, 'deploy.log')
const packageLog = 'var/log/dpkg.log'
const visitor = 'acme-visitor.service'
const longestComm = 15
const longestSlug = 90
const thereMilliseconds = 30_000
const pollMilliseconds = 50

/** Takes its name as `ps` shows it, and memory, so that it stands among the largest. */
const titled = `import ctypes, signal, sys
ctypes.CDLL(None).prctl(15, sys.argv[1].encode(), 0, 0, 0)
held = bytearray(b"x") * (48 << 20)
signal.pause()`

const nothing = (trace: string): Planted => ({
  trace,
  isMark: true,
  labels: {},
  annotations: {},
  undo: () => Promise.resolve(),
})

const plants: Readonly<Record<Carrier, (planting: Planting) => Promise<Planted>>> = {
  'request path': async ({ target, hostile }) => {
    // Whatever is no blank comes as it is: nobody has to decode it.
    await curl(target, [`http://127.0.0.1/${hostile.text.replaceAll(/\s/g, '+').replaceAll('#', '')}`])
    return nothing(hostile.mark)
  },
  'user agent': async ({ target, hostile }) => {
    await curl(target, ['--user-agent', hostile.text, 'http://127.0.0.1/'])
    return nothing(hostile.mark)
  },
  // The application takes the header for a number, and its traceback says what it was instead.
  exception: async ({ target, hostile }) => {
    const header = `Content-Length: ${hostile.text}`
    await curl(target, ['--request', 'POST', '--header', header, 'http://127.0.0.1:8080/'])
    return nothing(hostile.mark)
  },
  'journal field': async ({ target, unit, hostile }) => {
    const fields = [
      `MESSAGE=${hostile.text}`,
      `SYSLOG_IDENTIFIER=${slug(hostile)}`,
      // As systemd's own messages are: root may say which unit something is about.
      `OBJECT_SYSTEMD_UNIT=${unit}`,
      'PRIORITY=3',
    ]
    await inside(target.host, ['logger', '--journald'], { input: `${fields.join('\n')}\n` })
    return nothing(hostile.mark)
  },
  'unit description': async ({ target, unit, hostile }) => {
    const folder = join(target.root, 'etc/systemd/system', `${unit}.d`)
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'planted.conf'), `[Unit]\nDescription=${hostile.text.replaceAll('%', '%%')}\n`)
    await systemctl(target.host, 'daemon-reload')
    // systemd tells it at each start.
    await systemctl(target.host, 'restart', unit)
    const undo = async (): Promise<void> => {
      await rm(folder, { recursive: true })
      await systemctl(target.host, 'daemon-reload')
    }
    return { ...nothing(hostile.mark), undo }
  },
  'process title': async ({ target, hostile }) => {
    const trace = `run ${hostile.playbook}`.slice(0, longestComm)
    const run = ['systemd-run', '--quiet', `--unit=${visitor}`, 'python3', '-c', titled, trace, hostile.text]
    await inside(target.host, run)
    await untilNamed(target, trace)
    const undo = async (): Promise<void> => void (await systemctl(target.host, 'stop', visitor))
    return { ...nothing(trace), isMark: false, undo }
  },
  annotation: ({ hostile }) => {
    const annotations = { summary: hostile.text, description: `see the runbook\n${hostile.text}` }
    return Promise.resolve({ ...nothing(hostile.mark), annotations })
  },
  label: ({ target, hostile }) => {
    const other = target.host.name === 'web-01' ? 'web-02' : 'web-01'
    // Names that a rule for targets might have read.
    const labels = { note: hostile.text, host: other, target: `${other}:9100`, unit: 'ssh.service' }
    return Promise.resolve({ ...nothing(hostile.mark), labels })
  },
  // No probe reads a repository. Of a deployment they read its log, in a declared folder, and what it installed.
  'commit message': async ({ target, hostile }) => {
    await appendFile(join(target.root, deployLog), deployed('4f1c2ab', hostile.text))
    const undo = await installPackage(target, hostile)
    return { ...nothing(hostile.mark), undo }
  },
}

/** Writes it; what came of it stands on the host, or goes with the alert. */
export function plant(carrier: Carrier, planting: Planting): Promise<Planted> {
  return plants[carrier](planting)
}

const deployed = (commit: string, says: string): string => `${new Date().toISOString()} deployed ${commit}: ${says}\n`

/** What is there with and without a text: a file more or less would be a difference of its own. */
export async function deployHarmlessly({ root }: Target): Promise<void> {
  const path = join(root, deployLog)
  await writeFile(path, deployed('0a1b2c3', 'update the imprint'))
  await chown(path, webUser, webUser)
}

const ownLogs: ReadonlySet<string> = new Set(['access.log', 'error.log'])

/** Logs and journal are as if nothing had been written to them, and no playbook had left anything beside them. */
export async function washLogs({ root, host }: Target): Promise<void> {
  const folder = join(root, smallDiskPath)
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    if (ownLogs.has(name)) await truncate(path, 0)
    else await rm(path, { recursive: true, force: true })
  }
  await inside(host, ['journalctl', '--quiet', '--rotate', '--vacuum-size=1'])
}

/** Whoever answers may have been started a moment ago. */
const untilListening = ['--retry', '6', '--retry-connrefused', '--retry-max-time', '30']

async function curl({ host }: Target, args: readonly string[]): Promise<void> {
  await attemptInside(host, [
    'curl',
    '--silent',
    ...untilListening,
    '--globoff',
    '--max-time',
    '10',
    '--output',
    '/dev/null',
    ...args,
  ])
}

/** The text in the letters that names of packages have. */
function slug({ mark, text }: Hostile): string {
  const words = text
    .replace(/^error \w+: /, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, '-')
  return `${mark}-${words}`.slice(0, longestSlug).replace(/[^a-z0-9]+$/, '')
}

/** A real package of which dpkg's log tells; answers what takes it away. */
async function installPackage({ root, host }: Target, hostile: Hostile): Promise<() => Promise<void>> {
  const folder = '/var/tmp/planted'
  const name = slug(hostile)
  const log = join(root, packageLog)
  const before = await stat(log).then(({ size }) => size)
  const control = { Package: name, Version: '1.0', Architecture: 'all', Maintainer: 'deploy <deploy@acme.example>' }
  const lines = Object.entries({ ...control, Description: hostile.text }).map(
    ([field, value]) => `${field}: ${value}\n`,
  )
  await mkdir(join(root, folder, 'DEBIAN'), { recursive: true })
  await writeFile(join(root, folder, 'DEBIAN/control'), lines.join(''))
  await inside(host, ['dpkg-deb', '--build', '--root-owner-group', folder])
  await inside(host, ['dpkg', '--install', `${folder}.deb`])
  return async () => {
    await inside(host, ['dpkg', '--purge', name])
    await rm(join(root, folder), { recursive: true })
    await rm(join(root, `${folder}.deb`))
    await truncate(log, before)
  }
}

async function untilNamed({ host }: Target, comm: string): Promise<void> {
  const until = performance.now() + thereMilliseconds
  for (;;) {
    const { stdout } = await attemptInside(host, ['ps', '-eo', 'comm='])
    if (stdout.split('\n').some((line) => line.trim() === comm)) return
    if (performance.now() > until) throw new Error(`no process of ${host.name} is called ${comm}`)
    await sleep(pollMilliseconds)
  }
}
