// The lab's front door: makes the layers ready where they are missing, and boots hosts on them.
import { ensureLayers } from './layers.ts'
import { type Lab, startLastingOn, startOn, type StartLabOptions } from './start.ts'

export { describeLab, type Lab, type LabHost, type StartLabOptions } from './start.ts'

/**
 * Boots real hosts, onboarded for Millwright, and resolves when they answer and are watched. The lab ends with this
 * process, however that ends. Leftovers of labs whose owner vanished are removed first.
 */
export async function startLab(options: StartLabOptions): Promise<Lab> {
  return startOn(await layersFor(options), options)
}

/** Boots a lab that outlives this process, until `lab down`. */
export async function startLastingLab(options: StartLabOptions): Promise<Omit<Lab, 'stop'>> {
  return startLastingOn(await layersFor(options), options)
}

function layersFor({ progress, onboarded }: StartLabOptions): Promise<readonly string[]> {
  return ensureLayers(progress ?? (() => undefined), onboarded)
}
