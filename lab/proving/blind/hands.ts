// How the blind faults touch a host: as a deployment, a colleague or a decaying machine would.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { siteFile } from '../../config-file.ts'
import type { Target } from '../../fault.ts'
import { attemptInside, inside, systemctl } from '../../inside.ts'
import { mendUnit, nginx, unitBecomes } from '../../nginx.ts'
import type { StrangeFault } from '../strange-faults.ts'

/** Same shape as the other set; its clue was written before its author had read a probe or a pack. */
export type BlindFault = StrangeFault

export const sync = 'acme-sync.service'
export const appFile = '/usr/local/bin/acme-app'
export const syncFile = '/usr/local/bin/acme-sync'
export const site = siteFile
/** The line of the site that answers with a file. */
const answersWithFile = '\t\ttry_files $uri $uri/ =404;'

/** Whole texts before the first change, by their path on this machine. */
const kept = new Map<string, string>()

/** Runs shell lines as root on the host. */
export function sh({ host }: Target, script: string): Promise<string> {
  return inside(host, ['sh', '-euc', script])
}

/** The same, for what may already be done. */
export async function trySh({ host }: Target, script: string): Promise<void> {
  await attemptInside(host, ['sh', '-c', script])
}

export async function put({ host }: Target, path: string, text: string): Promise<void> {
  await inside(host, ['sh', '-euc', 'mkdir -p "$(dirname "$1")" && cat > "$1"', 'sh', path], { input: text })
}

/** Changes a file that the host came with, and remembers what it was. */
export async function edit({ root }: Target, path: string, change: (text: string) => string): Promise<void> {
  const full = join(root, path)
  const text = kept.get(full) ?? (await readFile(full, 'utf8'))
  kept.set(full, text)
  await writeFile(full, change(text))
}

export async function restore({ root }: Target, path: string): Promise<void> {
  const full = join(root, path)
  const text = kept.get(full)
  if (text !== undefined) await writeFile(full, text)
}

/** Replaces how the site answers `/`. */
export function answerWith(target: Target, lines: string): Promise<void> {
  return edit(target, site, (text) => text.replace(answersWithFile, `\t\t${lines}`))
}

/** The site answers from the team's application, as most sites do. */
export function throughApplication(target: Target, more = ''): Promise<void> {
  return answerWith(target, `proxy_pass http://127.0.0.1:8080;${more === '' ? '' : `\n\t\t${more}`}`)
}

export async function siteAsBefore(target: Target): Promise<void> {
  await restore(target, site)
  await attemptInside(target.host, ['systemctl', 'reload-or-restart', nginx])
}

/** A restart that this fault makes fail. */
export async function restartFails(target: Target, unit: string): Promise<void> {
  await attemptInside(target.host, ['systemctl', 'restart', unit])
  await unitBecomes(target, unit, 'failed')
}

/** Adds settings to a unit by a file beside it, as configuration management does. */
export async function dropIn(target: Target, unit: string, settings: string): Promise<void> {
  await put(target, dropInFile(unit), settings)
  await systemctl(target.host, 'daemon-reload')
}

export async function withoutDropIn(target: Target, unit: string): Promise<void> {
  await trySh(target, `rm -rf /etc/systemd/system/${unit}.d; systemctl daemon-reload; systemctl reset-failed ${unit}`)
}

const dropInFile = (unit: string): string => `/etc/systemd/system/${unit}.d/50-platform.conf`

/** Starts a process in a unit of its own that nobody has declared. */
export async function alongside(target: Target, unit: string, argv: readonly string[]): Promise<void> {
  await inside(target.host, ['systemd-run', '--quiet', '--collect', `--unit=${unit}`, ...argv])
}

export async function endAlongside(target: Target, unit: string): Promise<void> {
  await trySh(target, `systemctl stop ${unit}; systemctl reset-failed ${unit}`)
}

/** A fault that is one more file of nginx's configuration, met at the next restart. */
export function badFile(path: string, text: string): Pick<BlindFault, 'break' | 'heal'> {
  return {
    break: async (target) => {
      await put(target, path, text)
      await restartFails(target, nginx)
    },
    heal: async (target) => {
      await sh(target, `rm -f ${path}`)
      await mendUnit(target, nginx)
    },
  }
}

/** A fault that is one edit of the site, met at the next restart, which succeeds or fails. */
export function badSite(change: (text: string) => string): Pick<BlindFault, 'break' | 'heal'> {
  return {
    break: async (target) => {
      await edit(target, site, change)
      await attemptInside(target.host, ['systemctl', 'restart', nginx])
    },
    heal: async (target) => {
      await restore(target, site)
      await attemptInside(target.host, ['systemctl', 'reset-failed', nginx])
      await systemctl(target.host, 'restart', nginx)
    },
  }
}

/** A fault that is a setting of a unit, met at the next restart. */
export function badSetting(unit: string, settings: string): Pick<BlindFault, 'break' | 'heal'> {
  return {
    break: async (target) => {
      await dropIn(target, unit, settings)
      await restartFails(target, unit)
    },
    heal: async (target) => {
      await withoutDropIn(target, unit)
      await mendUnit(target, unit)
    },
  }
}

/** A fault that came with a new version of a program. */
export function badProgram(
  unit: string,
  path: string,
  change: (text: string) => string,
): Pick<BlindFault, 'break' | 'heal'> {
  return {
    break: async (target) => {
      await edit(target, path, change)
      await restartFails(target, unit)
    },
    heal: async (target) => {
      await restore(target, path)
      await mendUnit(target, unit)
    },
  }
}

/** Opens connections, sends half a request on each, and opens a new one for each that is closed. */
export function poller(port: number, connections: number): readonly string[] {
  const lines = [
    'import socket, time',
    'held = []',
    'while True:',
    `    while len(held) < ${String(connections)}:`,
    '        try:',
    `            one = socket.create_connection(("127.0.0.1", ${String(port)}), 2)`,
    '            one.sendall(b"GET / HTTP/1.1\\r\\nHost: web\\r\\n")',
    '            one.setblocking(False)',
    '            held.append(one)',
    '        except OSError:',
    '            break',
    '    time.sleep(0.1)',
    '    alive = []',
    '    for one in held:',
    '        try:',
    '            if one.recv(64) == b"":',
    '                one.close()',
    '                continue',
    '        except BlockingIOError:',
    '            pass',
    '        except OSError:',
    '            one.close()',
    '            continue',
    '        alive.append(one)',
    '    held = alive',
  ]
  return ['python3', '-c', lines.join('\n')]
}
