import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { freePort } from '../../runtime/embedded-temporal.ts'

test('a free port is none that an outgoing connection may take before it is used', async () => {
  const range = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').trim()
  const [lowest = 0, highest = 0] = range.split(/\s+/).map(Number)
  const port = await freePort()

  expect(port < lowest || port > highest, `${port} within ${lowest} to ${highest}`).toBe(true)
})
