// Prometheus Alertmanager, webhook version 4. It signs nothing: a bearer token or basic credentials prove who sends.
import { z } from 'zod'
import { basicCredential, RotatingSecret, secretText } from '../../../runtime/credentials.ts'
import { sameSecret } from '../../../runtime/same-secret.ts'
import type { AlertSource, RawRequest, Verification } from '../../source.ts'
import { parsePayload } from './payload.ts'

const Config = z
  .strictObject({
    /** Alertmanager: `http_config.authorization.credentials_file`. */
    bearer: RotatingSecret.optional(),
    /** Alertmanager: `http_config.basic_auth`. */
    basic: z.strictObject({ username: z.string().min(1), password: RotatingSecret }).optional(),
  })
  .refine(
    ({ bearer, basic }) => (bearer === undefined) !== (basic === undefined),
    'exactly one of `bearer` and `basic`',
  )
type Config = z.infer<typeof Config>

function verify(request: RawRequest, config: Config, secret: (reference: string) => string): Verification {
  const scheme = config.bearer === undefined ? 'Basic' : 'Bearer'
  // Read first: without a secret nothing is verified, whatever came.
  const expected = credentials(config, secret)
  const given = request.headers['authorization']
  if (given === undefined) return refused(scheme, 'none came')
  const [, givenScheme, credential] = /^(\S+) +(\S+) *$/.exec(given) ?? []
  if (givenScheme?.toLowerCase() !== scheme.toLowerCase() || credential === undefined)
    return refused(scheme, 'another one came')
  // All are compared, so that the time does not tell which one it was.
  const matches = expected.map((one) => sameSecret(credential, one)).filter(Boolean)
  return matches.length > 0 ? { kind: 'verified' } : refused(scheme, 'its value is not the one of this source')
}

function credentials({ bearer, basic }: Config, secret: (reference: string) => string): readonly string[] {
  const value = (reference: string) => secretText(reference, secret)
  if (basic === undefined) return (bearer ?? []).map(value)
  return basic.password.map((one) => basicCredential(basic.username, value(one)))
}

function refused(scheme: string, what: string): Verification {
  const setting = scheme === 'Bearer' ? 'authorization' : 'basic_auth'
  const says = `Expected the header "Authorization: ${scheme} …", and ${what}. In Alertmanager it is set under webhook_configs, http_config.${setting}.`
  return { kind: 'refused', says }
}

export default { config: Config, verify, parse: parsePayload } satisfies AlertSource<Config>
