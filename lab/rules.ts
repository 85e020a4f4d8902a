// Alert rules as they are in production, with only their waiting times divided: `for: 2m` becomes `for: 2s` at a factor
// of 60.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../domain/failure.ts'

/** What every lab divides durations by, unless told otherwise. */
export const defaultDurationFactor = 60

const rulesFolder = join(import.meta.dirname, 'rules')
const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
}

/** Every rule file of the lab, name and text, with its waiting times divided. */
export async function labRules(factor: number): Promise<readonly { readonly name: string; readonly text: string }[]> {
  const names = (await readdir(rulesFolder)).filter((name) => name.endsWith('.yml')).sort()
  return Promise.all(
    names.map(async (name) => ({
      name,
      text: divideDurations(await readFile(join(rulesFolder, name), 'utf8'), factor),
    })),
  )
}

/** Divides each `for:` by the factor, and touches no other byte. */
export function divideDurations(text: string, factor: number): string {
  return text.replace(
    /^(\s*for:\s*)(\S+)\s*$/gm,
    (_, head: string, duration: string) => head + divided(duration, factor),
  )
}

/** A duration as Prometheus writes them, divided; never shorter than a millisecond unless it was nothing. */
function divided(duration: string, factor: number): string {
  const parts = [...duration.matchAll(/(\d+)(ms|[smhdwy])/g)]
  if (parts.map(([part]) => part).join('') !== duration) {
    throw new Failure({
      code: 'config.invalid',
      message: `A rule of the lab waits for "${duration}", which is no duration.`,
    })
  }
  const total = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (unitMs[unit ?? ''] ?? 0), 0)
  return `${String(Math.ceil(total / factor))}ms`
}
