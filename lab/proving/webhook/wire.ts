// HTTP as bytes: what a careful client would never send.
import { connect } from 'node:net'

export type Answer = {
  /** Null: the connection ended without an answer. */
  readonly status: number | null
  readonly text: string
}

export type Transmission = {
  readonly bytes: readonly Uint8Array[]
  /** Close the connection as soon as everything was written, without waiting for an answer. */
  readonly cut?: boolean
  /** Milliseconds between the pieces. */
  readonly pause?: number
}

/** Nobody waits longer for an answer: it counts as none. */
const patienceMilliseconds = 15_000

/** Sends it over a connection of its own and answers what came back. */
export function transmit(port: number, { bytes, cut = false, pause = 0 }: Transmission): Promise<Answer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const socket = connect(port, '127.0.0.1', () => void write())
    const timer = setTimeout(() => socket.destroy(), patienceMilliseconds)
    const write = async (): Promise<void> => {
      for (const piece of bytes) {
        if (socket.destroyed) return
        socket.write(piece)
        if (pause > 0) await new Promise((done) => setTimeout(done, pause))
      }
      if (cut) socket.end()
    }
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      if (isComplete(Buffer.concat(chunks).toString('latin1'))) socket.destroy()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearTimeout(timer)
      const text = Buffer.concat(chunks).toString('utf8')
      const status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1]
      resolve({ status: status === undefined ? null : Number(status), text })
    })
  })
}

/** The head is there, and as much after it as it promised. */
function isComplete(text: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return false
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, end + 2))?.[1]
  if (length !== undefined) return text.length - end - 4 >= Number(length)
  return text.endsWith('0\r\n\r\n') || !/\r\ntransfer-encoding/i.test(text.slice(0, end + 2))
}
