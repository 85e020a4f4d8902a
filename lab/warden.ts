// The process that keeps one lab alive and takes it down: a child in a session of its own, so that neither Ctrl-C nor
// `kill -9` of whoever started the lab leaves anything behind. The channel to the owner closes with the owner, however
// that one ends.
import { failureCode, Failure } from '../domain/failure.ts'
import { createHosts } from './create.ts'
import { removeLab } from './down.ts'
import { type FromWarden, ToWarden } from './messages.ts'
import { readState } from './state.ts'

const [, , name = ''] = process.argv
const stopping = new AbortController()
let released = false
let started = false

process.on('SIGTERM', () => stopping.abort())
// The owner's terminal is not ours, but a visitor may send these by hand.
process.on('SIGINT', () => stopping.abort())
process.on('SIGHUP', () => undefined)
process.on('disconnect', () => {
  if (!released) stopping.abort()
})
process.on('message', (raw) => {
  const { say } = ToWarden.parse(raw)
  if (say === 'stop') stopping.abort()
  if (say === 'release') released = true
  if (say === 'start' && !started) {
    started = true
    void keep()
  }
})

async function keep(): Promise<void> {
  const state = readState(name)
  if (state === undefined)
    throw new Failure({ code: 'bug', message: `The warden found no state of the lab "${name}".` })
  const aborted = new Promise<void>((resolve) =>
    stopping.signal.addEventListener('abort', () => resolve(), { once: true }),
  )
  let exitCode = 0
  try {
    const { timings, close } = await createHosts(state, {
      signal: stopping.signal,
      progress: (line) => tell({ say: 'progress', line }),
    })
    tell({ say: 'up', timings })
    await aborted
    close()
  } catch (error) {
    exitCode = stopping.signal.aborted ? 0 : 1
    const hint = error instanceof Failure ? error.hint : undefined
    const message = error instanceof Error ? error.message : String(error)
    tell({ say: 'failed', failure: { code: failureCode(error), message, ...(hint === undefined ? {} : { hint }) } })
  }
  await removeLab(state)
  process.exit(exitCode)
}

function tell(message: FromWarden): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
}
