// The private folder of one run: everything that Ansible and OpenSSH are given, and nothing else. Removed at the run's
// end.
import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { RunId } from '../../domain/ids.ts'
import type { Params } from '../../domain/predicate.ts'
import { type ApprovedHost, encodeInventory, encodeKnownHosts, encodeVars } from './encode.ts'
import { type ControlGroup, makeControlGroup, removeGroup } from './control-group.ts'
import { configName, writeAnsibleConfig } from './config-file.ts'

export type RunFolder = {
  readonly path: string
  readonly run: RunId
  readonly group: ControlGroup
  /**
   * Write end of the pipe to the host's session: a line in it is recorded there. Stays open while any process of the
   * run lives.
   */
  readonly record: number
  /** Read end of the same pipe, for the connection. */
  readonly recorded: number
}

export type RunFiles = {
  readonly run: RunId
  readonly host: ApprovedHost
  readonly params: Params
  readonly files: readonly { readonly path: string; readonly content: Uint8Array }[]
}

/**
 * Names inside a run's folder. Relative, for the path of a socket has little room; every process of a run starts inside
 * the folder.
 */
export const inFolder = {
  inventory: 'inventory.json',
  vars: 'vars.json',
  config: configName,
  knownHosts: 'known_hosts',
  control: 'c',
  group: 'group.json',
  stdout: 'stdout',
  stderr: 'stderr',
  key: 'key',
  events: 'events',
  record: 'record',
  temporary: 'tmp',
} as const

/** Where the folders of this process's runs are. */
export const runsFolder = (privateDir: string): string => join(privateDir, 'runs')

/**
 * Makes the folder (0700), its control group and its files, or nothing. Throws `run.refused` for a value that is not
 * plain data.
 */
export function makeRunFolder(privateDir: string, { run, host, params, files }: RunFiles): RunFolder {
  const path = join(runsFolder(privateDir), run)
  const texts = {
    [inFolder.inventory]: encodeInventory(host),
    [inFolder.vars]: encodeVars(params),
    [inFolder.knownHosts]: encodeKnownHosts(host),
  }
  mkdirSync(runsFolder(privateDir), { recursive: true, mode: 0o700 })
  mkdirSync(path, { mode: 0o700 })
  let group: ControlGroup | null = null
  try {
    group = makeControlGroup(`millwright-${run}`)
    writeFileSync(join(path, inFolder.group), JSON.stringify(group), { mode: 0o600 })
    writeAnsibleConfig(path)
    for (const [name, text] of Object.entries(texts)) writeFileSync(join(path, name), text, { mode: 0o600 })
    for (const file of files) {
      const target = join(path, 'playbook', file.path)
      mkdirSync(dirname(target), { recursive: true, mode: 0o700 })
      writeFileSync(target, file.content, { mode: 0o600 })
    }
    mkdirSync(join(path, inFolder.temporary), { mode: 0o700 })
    return { path, run, group, ...makePipe(join(path, inFolder.record)) }
  } catch (error) {
    if (group !== null) removeGroup(group)
    removeRunFolder(path)
    throw error
  }
}

/** Everything goes: keys first of all. The pipe's ends are closed by whoever holds the folder. */
export function removeRunFolder(path: string): void {
  rmSync(path, { recursive: true, force: true })
}

/** For a folder that has to stay, so that the next start finds what could not be ended. */
export function removeKeys(path: string): void {
  for (const name of [inFolder.key, `${inFolder.key}.pub`, `${inFolder.key}-cert.pub`])
    rmSync(join(path, name), { force: true })
}

function makePipe(path: string): { readonly record: number; readonly recorded: number } {
  execFileSync('mkfifo', ['-m', '0600', path], { stdio: 'ignore' })
  // Opened for both ways first: a pipe with one end only would wait for the other.
  const record = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  try {
    return { record, recorded: openSync(path, constants.O_RDONLY) }
  } catch (error) {
    closeSync(record)
    throw error
  }
}
