// What `millwright doctor` looks at. Each check is one function and changes nothing.
import { existsSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { cacheFolder } from '../bin/cache.mjs'
import type { ToolName } from '../bin/types.d.mts'
import { toolPath, toolStates } from '../runtime/tools.ts'

/** One answer of the doctor. `warn`: something will not work, but not the service itself. */
export type Check = {
  readonly name: string
  readonly state: 'ok' | 'missing' | 'warn'
  /** What was found. */
  readonly found: string
  /** What to type, or null where there is nothing to do. */
  readonly fix: string | null
  /** The tool that `--fix` can get for it, or null. */
  readonly tool: ToolName | null
}

const bytesPerGiB = 1024 ** 3
/** Temporal's build at its largest, the base image and a lab's machines. */
const neededGiB = 6
const commandTimeoutMs = 20_000
const databaseUser = 'millwright-db'
const fixByDoctor = 'npx millwright doctor --fix'
const controllers = ['cpu', 'memory', 'pids'] as const

/** All checks, in the order in which people should mend what they find. */
export async function allChecks(): Promise<readonly Check[]> {
  return [
    platform(),
    root(),
    python(await firstLine('python3', ['--version'])),
    disk(),
    ...tools(),
    await postgresStarts(),
    await ansibleVersion(),
    controlGroups(),
    kernel(),
  ]
}

function ok(name: string, found: string): Check {
  return { name, state: 'ok', found, fix: null, tool: null }
}

function platform(): Check {
  const found = `${process.platform} on ${process.arch}, Node ${process.versions.node}`
  if (process.platform === 'linux' && process.arch === 'x64') return ok('platform', found)
  return { name: 'platform', state: 'missing', found, fix: 'use a Debian 12 machine on x64', tool: null }
}

function root(): Check {
  if (process.getuid?.() === 0) return ok('root', 'this is root')
  const found = 'this is not root: the lab, and so the demo and most tests, will not start'
  return { name: 'root', state: 'warn', found, fix: 'run the same command with sudo', tool: null }
}

function python(version: string | null): Check {
  const [, major, minor] = /(\d+)\.(\d+)/.exec(version ?? '') ?? []
  if (version !== null && Number(major) === 3 && Number(minor) >= 11) return ok('python3', version)
  const found = version === null ? 'not on the path' : `${version}, and Ansible needs 3.11`
  return { name: 'python3', state: 'missing', found, fix: 'apt-get install python3', tool: 'system-packages' }
}

function disk(): Check {
  let place = cacheFolder()
  while (!existsSync(place)) place = dirname(place)
  const { bavail, bsize } = statfsSync(place)
  const gib = (bavail * bsize) / bytesPerGiB
  const found = `${gib.toFixed(1)} GiB free for ${cacheFolder()}`
  if (gib >= neededGiB) return ok('disk space', found)
  const fix = `free ${String(neededGiB)} GiB there, or set MILLWRIGHT_CACHE to another folder`
  return { name: 'disk space', state: 'warn', found, fix, tool: null }
}

function tools(): readonly Check[] {
  return toolStates().map(({ name, why, found, fix }) => {
    if (found !== null) return ok(name, found)
    // Only the browser tests need it, and they get it themselves.
    const state = name === 'chromium' ? 'warn' : 'missing'
    return { name, state, found: `not there: ${why}`, fix: state === 'warn' ? fix : fixByDoctor, tool: name }
  })
}

/** The server runs as a user of its own, who must be able to reach the cache. */
async function postgresStarts(): Promise<Check> {
  const name = 'postgres starts'
  if (toolStates().some((tool) => ['postgres', 'database-user'].includes(tool.name) && tool.found === null)) {
    return { name, state: 'missing', found: 'PostgreSQL or its user is missing', fix: fixByDoctor, tool: 'postgres' }
  }
  const postgres = toolPath('postgres')
  const asUser = ['--reuid', databaseUser, '--regid', databaseUser, '--clear-groups', '--', postgres, '--version']
  const version =
    process.getuid?.() === 0 ? await firstLine('setpriv', asUser) : await firstLine(postgres, ['--version'])
  if (version !== null) return ok(name, version)
  const found = `${databaseUser} cannot run ${postgres}`
  const fix = `chmod a+rx every folder above it, or set MILLWRIGHT_CACHE to a folder that all may enter`
  return { name, state: 'missing', found, fix, tool: null }
}

async function ansibleVersion(): Promise<Check> {
  const name = 'ansible starts'
  const known = toolStates().find((tool) => tool.name === 'ansible')?.found ?? null
  const version =
    known === null ? null : await withoutTraces((home) => firstLine(known, ['--version'], { ANSIBLE_HOME: home }))
  if (version === null) {
    return { name, state: 'missing', found: 'ansible-playbook does not start', fix: fixByDoctor, tool: 'ansible' }
  }
  if (version.includes('core 2.19.')) return ok(name, version)
  const fix = `with a Python index in reach: rm -r ${cacheFolder()}/ansible && ${fixByDoctor}`
  return {
    name,
    state: 'warn',
    found: `${version}: not the version that the playbooks are tested with`,
    fix,
    tool: null,
  }
}

/** The lab gives each host groups of its own; without them units cannot be stopped or limited. */
function controlGroups(): Check {
  const name = 'control groups'
  const mounts = read('/proc/mounts')
    .split('\n')
    .map((line) => line.split(' '))
  const unified = mounts.find(([, , kind]) => kind === 'cgroup2')?.[1]
  const separate = controllers.every((one) =>
    mounts.some(([, , kind, options]) => kind === 'cgroup' && options?.split(',').includes(one)),
  )
  if (separate) return ok(name, 'version 1, with cpu, memory and pids')
  const offered = unified === undefined ? [] : read(`${unified}/cgroup.controllers`).trim().split(' ')
  if (controllers.every((one) => offered.includes(one))) return ok(name, 'version 2, with cpu, memory and pids')
  const found = 'cpu, memory and pids are not all mounted: the lab cannot start'
  return {
    name,
    state: 'missing',
    found,
    fix: 'mount them, or use a machine (not a container) that has them',
    tool: null,
  }
}

function kernel(): Check {
  const name = 'kernel'
  const lacks = [
    ...(/\boverlay$/m.test(read('/proc/filesystems')) ? [] : ['overlay file systems']),
    ...(['net', 'mnt', 'pid'].every((kind) => existsSync(`/proc/self/ns/${kind}`)) ? [] : ['namespaces']),
    ...(existsSync('/dev/loop-control') ? [] : ['loop devices']),
  ]
  if (lacks.length === 0) return ok(name, 'overlay file systems, namespaces, loop devices')
  const found = `not found: ${lacks.join(', ')}; the lab needs them`
  return { name, state: 'warn', found, fix: 'modprobe overlay; modprobe loop', tool: null }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** Ansible makes itself at home in the home folder of whoever asks for its version. */
async function withoutTraces<T>(ask: (home: string) => Promise<T>): Promise<T> {
  const home = mkdtempSync(join(tmpdir(), 'millwright-doctor-'))
  try {
    return await ask(home)
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

/** The first line of what a program says, or null when it does not start or ends badly. */
async function firstLine(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string | null> {
  const ran = await execa(program, [...args], { env, reject: false, stdin: 'ignore', timeout: commandTimeoutMs })
  return ran.failed ? null : (ran.stdout.split('\n')[0] ?? '').trim()
}
