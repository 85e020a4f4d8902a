// Lines of logs, asked of Loki's HTTP API by a query of the config.
import { z } from 'zod'
import { SecretReference } from '../../../runtime/config.ts'
import { authorizationOf } from '../../../runtime/credentials.ts'
import { getBounded } from '../../../runtime/get-bounded.ts'
import type { LogLine, LogQuestion, LogStore, Tools } from '../../log-store.ts'

const Config = z
  .strictObject({
    url: z.url({ protocol: /^https?$/ }),
    bearer: SecretReference.optional(),
    basic: z.strictObject({ username: z.string().min(1), password: SecretReference }).optional(),
    /** PEM of the authority that signed its certificate; without it, whom Node trusts. */
    ca: SecretReference.optional(),
    /** Whose logs, where Loki keeps those of several: its `X-Scope-OrgID`. */
    tenant: z
      .string()
      .regex(/^[\w.-]{1,150}$/, 'letters, digits, dots, dashes and underscores')
      .optional(),
  })
  .refine(({ bearer, basic }) => bearer === undefined || basic === undefined, 'at most one of `bearer` and `basic`')
  .refine(({ url, ca }) => ca === undefined || url.startsWith('https:'), '`ca` is for an address with https')
type Config = z.infer<typeof Config>

const largestAnswer = 8 * 1024 * 1024
const nanosecondsPerMillisecond = 1_000_000n

const Streams = z.object({
  status: z.literal('success'),
  data: z.object({
    resultType: z.literal('streams'),
    result: z.array(
      z.object({ values: z.array(z.tuple([z.string().regex(/^\d{1,19}$/), z.string()]).rest(z.unknown())) }),
    ),
  }),
})

async function lines(question: LogQuestion, config: Config, { secret, signal }: Tools): Promise<readonly LogLine[]> {
  const { url, ca, tenant, ...access } = config
  const address = new URL(`${url.replace(/\/+$/, '')}/loki/api/v1/query_range`)
  address.search = new URLSearchParams({
    query: question.query,
    start: nanoseconds(question.from),
    end: nanoseconds(question.to),
    limit: String(question.limit),
    direction: 'backward',
  }).toString()
  const { text } = await getBounded(address, {
    who: 'Loki',
    largestAnswer,
    authorization: authorizationOf(access, secret),
    ca: ca === undefined ? null : secret(ca),
    headers: tenant === undefined ? {} : { 'x-scope-orgid': tenant },
    signal,
  })
  const all = Streams.parse(JSON.parse(text)).data.result.flatMap(({ values }) => values)
  return all
    .map(([at, line]) => ({ at: new Date(Number(BigInt(at) / nanosecondsPerMillisecond)).toISOString(), text: line }))
    .toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
    .slice(-question.limit)
}

function nanoseconds(at: string): string {
  return String(BigInt(Date.parse(at)) * nanosecondsPerMillisecond)
}

export default { config: Config, lines } satisfies LogStore<Config>
