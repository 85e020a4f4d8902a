// Puts what is planted on its roads: where strangers, programs and people write on a host, and where stores answer.
import { appendFile, chown, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { smallDiskPath } from '../../disk.ts'
import type { Target } from '../../fault.ts'
import { attemptInside, inside, systemctl } from '../../inside.ts'
import { nginx } from '../../nginx.ts'
import type { Carrier, Planting } from './plant.ts'
import type { Stores } from './stores.ts'

const logFile = join(smallDiskPath, 'planted.log')
const webUser = 33
const configFolder = '/etc/nginx'
/** Read by the web server with everything else. */
const configFile = join(configFolder, 'conf.d/planted.conf')
/** Units whose own words nothing else depends on. */
const described = ['acme-sync.service', 'acme-app.service'] as const
const heldBytes = 24 * 1024 * 1024
/** Longer than any round. */
const livesSeconds = 600

export type Laid = {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** Takes away what would be in the way of the next round. */
  readonly clear: () => Promise<void>
}

export async function lay(target: Target, stores: Stores, planted: readonly Planting[]): Promise<Laid> {
  const on = (carrier: Carrier): readonly Planting[] => planted.filter((one) => one.carrier === carrier)
  stores.holds({ lines: on('log query').map(lineOf), labels: on('metric label').map(lineOf) })
  await inLogFile(target, on('log file'))
  // Before the configuration breaks.
  await inDescriptions(target, on('unit description'))
  await inJournal(target, on('journal'))
  const [configured] = on('configuration')
  if (configured !== undefined) await inConfiguration(target, configured)
  const names = on('file name').map((one) => join(target.root, configFolder, lineOf(one)))
  for (const name of names) await writeFile(name, '')
  const [titled] = on('process title')
  if (titled !== undefined) await inProcess(target, titled)
  return {
    labels: noted(on('label')),
    annotations: noted(on('annotation')),
    clear: async () => {
      for (const name of [join(target.root, configFile), ...names]) await rm(name, { force: true })
      if (titled !== undefined) await attemptInside(target.host, ['systemctl', 'stop', unitOf(titled)])
    },
  }
}

const lineOf = ({ mark, text, end }: Planting): string => `${mark} ${text} ${end}`

const noted = (planted: readonly Planting[]): Readonly<Record<string, string>> =>
  Object.fromEntries(planted.map((one, at) => [`note${at}`, lineOf(one)]))

async function inLogFile({ root }: Target, planted: readonly Planting[]): Promise<void> {
  const path = join(root, logFile)
  await appendFile(path, planted.map((one) => `${lineOf(one)}\n`).join(''))
  await chown(path, webUser, webUser)
}

async function inJournal({ host }: Target, planted: readonly Planting[]): Promise<void> {
  for (const one of planted) {
    const message = lineOf(one).replaceAll('\n', ' ')
    // As systemd's own messages are: root may say which unit something is about.
    const fields = [`MESSAGE=${message}`, `OBJECT_SYSTEMD_UNIT=${nginx}`, 'PRIORITY=3']
    await inside(host, ['logger', '--journald'], { input: `${fields.join('\n')}\n` })
  }
  await inside(host, ['journalctl', '--sync'])
}

/** systemd says it whenever it starts the unit. */
async function inDescriptions({ host, root }: Target, planted: readonly Planting[]): Promise<void> {
  if (planted.length === 0) return
  const pairs = planted.flatMap((one, at) => {
    const unit = described[at]
    return unit === undefined ? [] : [[unit, one] as const]
  })
  for (const [unit, one] of pairs) {
    const folder = join(root, 'etc/systemd/system', `${unit}.d`)
    await mkdir(folder, { recursive: true })
    // Percent signs are systemd's own, and a backslash at the end would join the next line.
    await writeFile(join(folder, 'planted.conf'), `[Unit]\nDescription=${lineOf(one).replaceAll('%', '%%')}\n`)
  }
  await systemctl(host, 'daemon-reload')
  await systemctl(host, 'restart', ...pairs.map(([unit]) => unit))
}

/** The web server knows no such directive, and says so in its words. */
async function inConfiguration({ root }: Target, one: Planting): Promise<void> {
  await writeFile(join(root, configFile), `"${lineOf(one).replaceAll(/["\\]/g, String.raw`\$&`)}";\n`)
}

const unitOf = ({ mark }: Planting): string => `planted-${mark}.service`

/** A process that is large enough to be told of, with the mark as its name and the secret among its arguments. */
async function inProcess({ host }: Target, one: Planting): Promise<void> {
  const program = [
    'import os, sys, time',
    'ready, done = os.pipe()',
    'if os.fork(): os.read(ready, 1); os._exit(0)',
    "open('/proc/self/comm', 'w').write(sys.argv[1])",
    `held = b'x' * ${heldBytes}`,
    "os.write(done, b'1')",
    `time.sleep(${livesSeconds})`,
  ].join('\n')
  const unit = [`--unit=${unitOf(one)}`, '--description=planted', '--service-type=forking', '--quiet', '--collect']
  const words = ['/usr/bin/python3', '-c', program, one.mark, lineOf(one).replaceAll('$', '$$$$')]
  await inside(host, ['systemd-run', ...unit, ...words])
}
