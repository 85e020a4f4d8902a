// Reading lines from a stream, none of them longer than a limit.
import type { Readable } from 'node:stream'

/**
 * Calls for each whole line; a longer one is dropped. Resolves at the stream's end or its fault: both end what it said.
 */
export function eachLine(stream: Readable, longestBytes: number, onLine: (line: string) => void): Promise<void> {
  let held = ''
  let dropping = false
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    const parts = chunk.split('\n')
    parts.forEach((part, at) => {
      held = dropping ? '' : held + part
      if (held.length > longestBytes) dropping = true
      if (at === parts.length - 1) return
      if (!dropping) onLine(held)
      held = ''
      dropping = false
    })
  })
  return new Promise((resolve) => {
    stream.once('close', () => resolve())
    stream.once('error', () => resolve())
  })
}
