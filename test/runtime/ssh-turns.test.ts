// A fleet that is connected to at once: so many handshakes as there is time for, and each gets its turn.
import { connect, createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { failureCode } from '../../domain/failure.ts'
import { openReadConnections } from '../../runtime/ssh.ts'
import { deafHost, strangeAuthority } from '../activities/run-world.ts'

const patience = { timeout: 30_000 }

test('forty hosts are connected to at the same time, and the others in their turn', async () => {
  const came: Socket[] = []
  let gaveUp = 0
  const mute = createServer((socket) => {
    came.push(socket)
    socket
      .on('error', () => undefined)
      .on('end', () => (gaveUp += 1))
      .resume()
  })
  await new Promise<void>((listening) => {
    mute.listen(0, '127.0.0.1', listening)
  })
  const address = mute.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const connections = openReadConnections({ privateKey: strangeAuthority() })
  const hangUp = (): void => {
    for (const socket of came) socket.destroy()
  }
  onTestFinished(() => {
    connections.close()
    hangUp()
    mute.close()
  })
  const [pin = ''] = deafHost.hostKeys
  const asked = Array.from({ length: 60 }, (_, at) =>
    connections.exchange({ ...deafHost, port, hostKeys: [`${pin} ${at}`] }, '{}').then(() => 'replied', failureCode),
  )
  await vi.waitFor(() => expect(came.length).toBeGreaterThanOrEqual(40), patience)
  // Whoever was on the way before it has come when it comes.
  const last = connect(port, '127.0.0.1')
  await vi.waitFor(() => expect(came.map((socket) => socket.remotePort)).toContain(last.localPort), patience)
  last.destroy()
  // Forty and this last one; where the machine was so slow that some gave up, others had their turn.
  expect(came.length - gaveUp).toBeLessThanOrEqual(41)

  await vi.waitFor(() => {
    hangUp()
    expect(came).toHaveLength(61)
  }, patience)
  connections.close()
  hangUp()
  expect(new Set(await Promise.all(asked))).toEqual(new Set(['host.unreachable']))
})
