// A proxy on this machine that the config does not name: all who come through it look like this machine.
import type { MiddlewareHandler } from 'hono'
import type { GatewayEnv } from './auth.ts'
import type { GatewayDeps } from './deps.ts'
import { isLocal, remoteOf } from './login-limit.ts'

const says =
  'a request through a proxy on this machine, which listen.trustedProxies does not name: all who come through it count ' +
  'as one address, so wrong codes of one keep the others out. Add to the config: listen.trustedProxies: [127.0.0.1]'

/** Warns once in a process's life. */
export function warnOfProxy({ config, log }: Pick<GatewayDeps, 'config' | 'log'>): MiddlewareHandler<GatewayEnv> {
  let quiet = config.listen.trustedProxies !== undefined
  return (c, next) => {
    if (!quiet && c.req.header('x-forwarded-for') !== undefined && isLocal(remoteOf(c))) {
      quiet = true
      log.warn(says)
    }
    return next()
  }
}
