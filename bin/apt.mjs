// Debian's packages: installing some on the machine, or only unpacking some into a folder.
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { onPath, run } from './run.mjs'
import { SetupError } from './setup-error.mjs'

const environment = () => ({ ...process.env, DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_SUSPEND: '1', LC_ALL: 'C' })
const patience = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=2']

/**
 * What installing these would change; reads the lists first where there are none.
 * @param {readonly string[]} names
 * @param {import('./types.d.mts').Progress} progress
 * @returns {Promise<readonly string[]>}
 */
export async function aptPlan(names, progress) {
  requireApt(names)
  const plan = () =>
    run('apt-get', ['install', '--simulate', '--no-install-recommends', ...names], { env: environment() })
  const text = await plan().catch(async () => {
    await updateLists(progress)
    return plan()
  })
  return planLines(text)
}

/**
 * What a simulated installation says would be new and what would be replaced.
 * @param {string} text
 * @returns {readonly string[]}
 */
export function planLines(text) {
  /** @type {string[]} */
  const added = []
  /** @type {string[]} */
  const replaced = []
  for (const line of text.split('\n')) {
    const [, name, old, version] = /^Inst (\S+)(?: \[([^\]]+)\])? \((\S+)/.exec(line) ?? []
    if (name === undefined) continue
    if (old === undefined) added.push(`${name} ${version}`)
    else replaced.push(`${name} ${old} by ${version}`)
  }
  return [
    ...(added.length > 0 ? [`install with apt-get: ${added.join(', ')}`] : []),
    ...(replaced.length > 0 ? [`replace with apt-get, as these go together: ${replaced.join(', ')}`] : []),
  ]
}

/**
 * Installs packages on the machine. Throws `SetupError` and `CommandFailed`.
 * @param {readonly string[]} names
 * @param {import('./types.d.mts').Progress} progress
 */
export async function aptInstall(names, progress) {
  requireApt(names)
  const install = () =>
    run('apt-get', ['install', '--yes', '--no-install-recommends', ...patience, ...names], {
      progress,
      label: 'apt-get install',
      env: environment(),
      meter: (line) => (/^(Get:|Unpacking|Setting up)/.test(line) ? line.slice(0, 60) : null),
      // A dpkg that is killed half-way leaves packages that somebody must repair by hand.
      whenWeDie: 'goes on',
    })
  await run('dpkg', ['--configure', '-a'], { env: environment(), whenWeDie: 'goes on' })
  await install().catch(async () => {
    // The lists may name versions that the mirror has replaced since.
    await updateLists(progress)
    await install()
  })
}

/**
 * Unpacks packages into a folder; the machine's own stay as they are.
 * @param {readonly string[]} names
 * @param {string} folder
 * @param {import('./types.d.mts').Progress} progress
 */
export async function unpackDebs(names, folder, progress) {
  if (onPath('apt-get') === null || onPath('dpkg-deb') === null) {
    throw new Error(`this is no Debian, whose ${names.join(', ')} would have helped`)
  }
  const downloads = join(folder, 'debs')
  mkdirSync(downloads, { recursive: true })
  // Without this, apt drops to a user of its own who may not write here, and warns.
  const download = () =>
    run('apt-get', ['download', '-o', 'APT::Sandbox::User=root', ...names], {
      progress,
      cwd: downloads,
      env: environment(),
    })
  await download().catch(async () => {
    await updateLists(progress)
    await download()
  })
  for (const deb of readdirSync(downloads)) await run('dpkg-deb', ['--extract', join(downloads, deb), folder])
  rmSync(downloads, { recursive: true, force: true })
}

/** @param {import('./types.d.mts').Progress} progress */
async function updateLists(progress) {
  await run('apt-get', ['update', ...patience], { progress, label: 'apt-get update', env: environment() })
}

/** @param {readonly string[]} names */
function requireApt(names) {
  const why =
    onPath('apt-get') === null
      ? 'this machine has no apt-get'
      : process.getuid?.() === 0
        ? null
        : 'only root may install packages'
  if (why === null) return
  const fix = `as root, type \`apt-get install --no-install-recommends ${names.join(' ')}\` on a Debian 12 machine`
  throw new SetupError({ what: `The packages ${names.join(', ')} could not be installed`, why, fix })
}
