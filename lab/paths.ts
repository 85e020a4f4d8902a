// Where the lab keeps things. Everything is below one cache folder, outside the clone, so that a second clone is fast.
import { join } from 'node:path'
import { cachePath } from '../runtime/cache.ts'

/** The lab's part of the cache: read-only layers, and one folder per running lab. */
export function labCache(): string {
  return cachePath('lab')
}

/** The folder that holds one lab's state, keys, logs and file trees; removed when the lab is stopped. */
export function labFolder(name: string): string {
  return join(labCache(), 'labs', name)
}

/** The paths of one host, all below its lab's folder. */
export type HostPaths = {
  readonly folder: string
  /** The merged file tree, as the host sees it. */
  readonly root: string
  readonly upper: string
  readonly work: string
  /** The image behind the small disk on `/var/log/nginx`. */
  readonly disk: string
  /** What the host's console printed. */
  readonly console: string
}

export function hostPaths(lab: string, host: string): HostPaths {
  const folder = join(labFolder(lab), 'hosts', host)
  return {
    folder,
    root: join(folder, 'root'),
    upper: join(folder, 'upper'),
    work: join(folder, 'work'),
    disk: join(folder, 'disk.img'),
    console: join(folder, 'console.log'),
  }
}
