// Which process is handed which secret: each part of the config that names one, and nobody more than needs it.
import { expect, test } from 'vitest'
import { Config } from '../../runtime/config.ts'
import { secretsFor } from '../../runtime/secret-shares.ts'

test('who asks a log store gets what it asks for, and nobody else does', () => {
  const url = 'https://logs.example'
  const config = Config.parse({ logs: { one: { use: 'loki', url, bearer: 'env:MILLWRIGHT_NO_SUCH_TOKEN' } } })
  const shares = (['control', 'hands', 'mind', 'prepare'] as const).map((name) => Object.keys(secretsFor(name, config)))
  expect(shares).toEqual([[], ['env:MILLWRIGHT_NO_SUCH_TOKEN'], [], []])
})
