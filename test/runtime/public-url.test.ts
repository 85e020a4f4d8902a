import { expect, test } from 'vitest'
import { Config } from '../../runtime/config.ts'
import { publicUrl } from '../../runtime/public-url.ts'
import { withAddress } from '../../runtime/supervisor.ts'

test.each([
  ['as it is written, without a slash at its end', { url: 'https://ops.example/mill/' }, 'https://ops.example/mill'],
  ['where it listens', { listen: { address: '127.0.0.1', port: 8321 } }, 'http://127.0.0.1:8321'],
  ['where it listens, IPv6 in brackets', { listen: { address: '::1', port: 8321 } }, 'http://[::1]:8321'],
])('the address of the pages is %s, for every process', async (_, given, address) => {
  const config = Config.parse(given)

  expect(publicUrl(config)).toBe(address)
  const told = await withAddress(config)
  expect(told.url).toBe(address)
  expect(Config.parse({ url: told.url }).url).toBe(address)
})
