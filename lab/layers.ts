// The read-only layers below every host's own, each made once and named after what it is made from.
import { createHash } from 'node:crypto'
import { cp, lstat, mkdir, readdir, rename, rm, symlink, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureBase, type Progress } from './base.ts'
import { withLock } from './lock.ts'
import { makeOnboardedLayer, onboardingSources } from './onboard.ts'
import { labCache } from './paths.ts'
import { folderDigest, teamUnits, treeDigest, treeFolder } from './recipe.ts'
import { run } from './run.ts'
import { startOn } from './start.ts'
import { allStates } from './state.ts'

const copyWaitMs = 60_000
const onboardWaitMs = 15 * 60_000
const forgottenAfterMs = 7 * 86_400_000

/** Makes what is missing and returns the layers, topmost first, as an overlay takes them. */
export async function ensureLayers(progress: Progress, onboarded = true): Promise<readonly string[]> {
  const plain = [await ensureTree(), await ensureBase(progress)]
  const layers = onboarded ? [await ensureOnboarded(plain, progress), ...plain] : plain
  const now = new Date()
  // The time of last use decides what may go.
  for (const layer of layers) await utimes(layer, now, now)
  await removeForgotten(now.getTime())
  return layers
}

/** Removes layers that no lab uses and nobody has used for a week: other clones may still want the younger ones. */
async function removeForgotten(now: number): Promise<void> {
  const used = new Set(allStates().flatMap((state) => state.layers))
  for (const name of await readdir(labCache())) {
    const folder = join(labCache(), name)
    if (!/^(base|tree|onboarded)-[0-9a-f-]+$/.test(name) || used.has(folder)) continue
    const { mtimeMs } = await lstat(folder)
    if (now - mtimeMs > forgottenAfterMs) await rm(folder, { recursive: true, force: true })
  }
}

/** Hosts that Millwright may reach. Made by booting one that it may not. */
async function ensureOnboarded(plain: readonly string[], progress: Progress): Promise<string> {
  const below = createHash('sha256').update(plain.join('\n')).digest('hex').slice(0, 4)
  const folder = join(labCache(), `onboarded-${folderDigest(...onboardingSources)}-${below}`)
  if (await exists(folder)) return folder
  const onWait = (): void => progress('lab: another process is onboarding a host for this version; waiting for it')
  await withLock({ path: join(labCache(), 'onboarded.lock'), waitMs: onboardWaitMs, onWait }, async () => {
    if (await exists(folder)) return
    const lab = await startOn(plain, { hosts: 1, monitoring: false })
    try {
      await makeOnboardedLayer(lab, folder, progress)
    } finally {
      await lab.stop()
    }
  })
  return folder
}

/** The lab's own files, owned by root whoever owns the clone. */
async function ensureTree(): Promise<string> {
  const folder = join(labCache(), `tree-${treeDigest()}`)
  if (await exists(folder)) return folder
  await withLock({ path: join(labCache(), 'tree.lock'), waitMs: copyWaitMs }, async () => {
    if (await exists(folder)) return
    const building = `${folder}.building`
    await rm(building, { recursive: true, force: true })
    await mkdir(building, { mode: 0o755 })
    await cp(treeFolder, building, { recursive: true })
    await run(['chown', '-R', 'root:root', building])
    await run(['chmod', '-R', 'u=rwX,go=rX', building])
    const wants = join(building, 'etc/systemd/system/multi-user.target.wants')
    await mkdir(wants, { recursive: true })
    for (const unit of teamUnits) await symlink(`/etc/systemd/system/${unit}`, join(wants, unit))
    await rename(building, folder)
  })
  return folder
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
