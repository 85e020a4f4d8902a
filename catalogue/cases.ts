// The cases that a playbook brings in `tests/`: each names a fault of the lab that it ends.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { parseYaml } from './yaml-file.ts'

const Case = z.strictObject({ fault: z.string(), params: z.record(z.string(), z.string()) })
/** `params`: the target that an alert about the fault names. */
export type Case = z.infer<typeof Case>

/** Throws `catalogue.invalid` when a file is none, or names a fault that is not among `faults`. */
export function casesOf(dir: string, id: string, faults: readonly string[]): readonly Case[] {
  const folder = join(dir, id, 'tests')
  const names = existsSync(folder) ? readdirSync(folder).toSorted() : []
  const Known = Case.extend({ fault: z.enum(faults, `expected a fault of the lab: ${faults.join(', ')}`) })
  return names.map((name) => parseYaml(join(folder, name), readFileSync(join(folder, name), 'utf8'), Known))
}
