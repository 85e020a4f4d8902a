// Where a Temporal server listens that Millwright has started.
import { readFileSync } from 'node:fs'

/** Only its own arguments say so. Throws where there is no such process. */
export function temporalAddressOf(pid: number | null | undefined): string {
  const words = readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').split('\0')
  return `127.0.0.1:${words[words.indexOf('--port') + 1] ?? ''}`
}
