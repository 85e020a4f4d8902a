// The gateway's own entry as a program; there is no workflow server, so what it would tell it stays in its rows.
import { pino } from 'pino'
import { z } from 'zod'
import { start } from '../../../gateway/main.ts'
import { Config } from '../../../runtime/config.ts'

const Given = z.strictObject({
  config: Config,
  databaseUrl: z.string(),
  privateDir: z.string(),
  secrets: z.strictObject({ token: z.string(), key: z.string() }),
})

process.once('message', (message) => {
  const { config, databaseUrl, privateDir, secrets } = Given.parse(message)
  const secret = (reference: string): string => (reference === 'file:/key' ? secrets.key : secrets.token)
  const temporal = { address: '127.0.0.1:1', namespace: 'default' }
  const log = pino({ level: 'silent' })
  void start({ config, databaseUrl, privateDir, secret, temporal, log }).then((running) => {
    process.send?.('running')
    process.once('disconnect', () => void running.stop().then(() => process.exit(0)))
  })
})
