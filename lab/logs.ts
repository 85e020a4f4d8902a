// Puts real files on the small disk where nginx writes its logs, with the ages and owners that real ones have.
import { randomBytes } from 'node:crypto'
import { chown, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { smallDiskPath } from './disk.ts'
import type { Target } from './fault.ts'
import { fullness } from './look.ts'

const dayMs = 86_400_000
const webUser = 33
const logGroup = 4
/** Above this the disk rules of the lab fire; below the other a repair has made room. */
const roomPercent = 80

type LogFile = { readonly name: string; readonly bytes: number; readonly ageDays: number }

export async function writeLogFile({ root }: Target, { name, bytes, ageDays }: LogFile): Promise<void> {
  const path = join(root, smallDiskPath, name)
  await writeFile(path, randomBytes(bytes), { mode: 0o640 })
  await chown(path, webUser, logGroup)
  const then = new Date(Date.now() - ageDays * dayMs)
  await utimes(path, then, then)
}

/** Removes files of the small disk by their names' shape. */
export async function removeLogFiles({ root }: Target, shape: RegExp): Promise<void> {
  const folder = join(root, smallDiskPath)
  for (const name of await readdir(folder)) if (shape.test(name)) await rm(join(folder, name), { recursive: true })
}

export async function logFileSize({ root }: Target, name: string): Promise<number | undefined> {
  return stat(join(root, smallDiskPath, name)).then(
    ({ size }) => size,
    () => undefined,
  )
}

/** What keeps the small disk from taking more logs. */
export async function diskProblems(target: Target): Promise<readonly string[]> {
  const { bytes, inodes } = await fullness(target, smallDiskPath)
  return [
    ...(bytes > roomPercent ? [`${smallDiskPath} is ${bytes.toFixed(0)} % full.`] : []),
    ...(inodes > roomPercent ? [`${smallDiskPath} has used ${inodes.toFixed(0)} % of its inodes.`] : []),
  ]
}
