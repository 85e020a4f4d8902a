// Any sender of JSON: the config says where in it an alert's fields stand. There is no template language, so it always
// ends.
import { z } from 'zod'
import { RotatingSecret } from '../../../runtime/credentials.ts'
import type { AlertSource, RawRequest, Verification } from '../../source.ts'
import { Fields, parseFields } from './fields.ts'
import { verifyBearer, verifySignature } from './verify.ts'

const Header = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'a header’s name in lower case')

const Config = z
  .strictObject({
    bearer: RotatingSecret.optional(),
    hmac: z
      .strictObject({
        secret: RotatingSecret,
        /**
         * Without it, as Standard Webhooks says: webhook-id, webhook-timestamp, webhook-signature. With it, hex of
         * HMAC-SHA256 over `<timestamp>:<body>`, as Grafana sends it when both headers are named there.
         */
        headers: z.strictObject({ signature: Header, timestamp: Header }).optional(),
      })
      .optional(),
    fields: Fields,
  })
  .refine(({ bearer, hmac }) => (bearer === undefined) !== (hmac === undefined), 'exactly one of `bearer` and `hmac`')
type Config = z.infer<typeof Config>

function verify(request: RawRequest, { bearer, hmac }: Config, secret: (reference: string) => string): Verification {
  return hmac === undefined
    ? verifyBearer(request, bearer ?? [], secret)
    : verifySignature(request, hmac.secret, hmac.headers ?? null, secret)
}

export default {
  config: Config,
  verify,
  parse: (body, { fields }) => parseFields(body, fields),
} satisfies AlertSource<Config>
