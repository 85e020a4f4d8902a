// A host's file tree: an overlay over read-only layers, and a small real disk where nginx writes its logs.
import { chown, mkdir, readFile, rm, rmdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../domain/failure.ts'
import { hostPaths } from './paths.ts'
import { attempt, run } from './run.ts'

const smallDiskBytes = 64 * 1024 * 1024
/** Few enough to be exhausted in a second, far more than logs ever need. */
const smallDiskInodes = 2048
const unmountRounds = 20
/** Debian gives these the same number everywhere. */
const debianUserWeb = 33
const debianGroupAdm = 4

/** Where the small disk is mounted in a web host. */
export const smallDiskPath = '/var/log/nginx'

/** Mounts a host's tree and, for hosts that serve pages, its small disk. Must happen before the host boots. */
export async function mountTree(
  lab: string,
  host: string,
  layers: readonly string[],
  withSmallDisk: boolean,
): Promise<void> {
  const paths = hostPaths(lab, host)
  for (const path of [...layers, paths.folder]) refuseSeparators(path)
  for (const path of [paths.root, paths.upper, paths.work]) await mkdir(path, { recursive: true })
  const options = `lowerdir=${layers.join(':')},upperdir=${paths.upper},workdir=${paths.work}`
  await run(['mount', '-t', 'overlay', 'overlay', '-o', options, paths.root])
  if (withSmallDisk) await mountSmallDisk(paths.disk, join(paths.root, smallDiskPath))
}

async function mountSmallDisk(image: string, mountPoint: string): Promise<void> {
  await writeFile(image, '', { mode: 0o600 })
  await truncate(image, smallDiskBytes)
  const layout = ['-m', '0', '-N', String(smallDiskInodes), '-O', '^has_journal', '-E', 'lazy_itable_init=1,nodiscard']
  await run(['mkfs.ext4', '-q', ...layout, image])
  // `loop` lets the kernel free the device by itself when the disk is unmounted.
  await run(['mount', '-o', 'loop,noatime', image, mountPoint])
  await rmdir(join(mountPoint, 'lost+found'))
  await chown(mountPoint, 0, debianGroupAdm)
  for (const log of ['access.log', 'error.log']) {
    await writeFile(join(mountPoint, log), '', { mode: 0o640 })
    await chown(join(mountPoint, log), debianUserWeb, debianGroupAdm)
  }
}

function refuseSeparators(path: string): void {
  if (!/[:,\\]/.test(path)) return
  const message = `The lab cannot mount an overlay under ${path}: its name has a comma, a colon or a backslash.`
  throw new Failure({ code: 'config.invalid', message, hint: 'Set MILLWRIGHT_CACHE to a folder without them.' })
}

/** Unmounts everything below a folder, deepest first, then removes the folder. */
export async function removeTree(folder: string): Promise<void> {
  for (let round = 0; round < unmountRounds; round += 1) {
    const mounts = await mountsBelow(folder)
    if (mounts.length === 0) break
    for (const mount of mounts) await attempt(['umount', mount])
  }
  const left = await mountsBelow(folder)
  if (left.length > 0) {
    const message = `The lab could not unmount ${left.join(' ')}.`
    throw new Failure({
      code: 'upstream.unavailable',
      message,
      hint: `See who uses it with: fuser -vm ${left[0] ?? ''}`,
    })
  }
  await rm(folder, { recursive: true, force: true })
}

async function mountsBelow(folder: string): Promise<readonly string[]> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n')
  const points = lines.map((line) => unescapeOctal(line.split(' ')[4] ?? ''))
  return points.filter((point) => point.startsWith(`${folder}/`)).reverse()
}

/** The kernel writes spaces and the like in mount points as \040. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
