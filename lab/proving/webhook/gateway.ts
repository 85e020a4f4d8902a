// The gateway's own entry as a program; there is no workflow server, so what it would tell it stays in its rows.
import { pino } from 'pino'
import { z } from 'zod'
import { start } from '../../../gateway/main.ts'
import { Config } from '../../../runtime/config.ts'

const Given = z.strictObject({
  config: Config,
  databaseUrl: z.string(),
  privateDir: z.string(),
  secrets: z.strictObject({ token: z.string(), key: z.string(), payloadKey: z.string() }),
})

process.once('message', (message) => {
  const { config, databaseUrl, privateDir, secrets } = Given.parse(message)
  const held = new Map([
    ['file:/token', secrets.token],
    ['file:/key', secrets.key],
    ['file:/payload-key', secrets.payloadKey],
  ])
  const secret = (reference: string): string => {
    const found = held.get(reference)
    if (found === undefined) throw new Error(`no secret was given for ${reference}`)
    return found
  }
  const temporal = { address: '127.0.0.1:1', namespace: 'default' }
  const log = pino({ level: 'silent' })
  void start({ config, databaseUrl, privateDir, secret, temporal, log }).then((running) => {
    process.send?.('running')
    process.once('disconnect', () => void running.stop().then(() => process.exit(0)))
  })
})
