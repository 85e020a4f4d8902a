// Posts to the team's own Alertmanager, so that its routes page whom they always page. It forgets, so it is told again
// until handled.
import { z } from 'zod'
import { ownAlertLabel } from '../../../domain/alert.ts'
import { SecretReference } from '../../../runtime/config.ts'
import { authorizationOf } from '../../../runtime/credentials.ts'
import { postJson } from '../../../runtime/post-json.ts'
import type { Delivered, Notification, Notifier } from '../../notifier.ts'

const Config = z.strictObject({
  /** Without `/api/v2/alerts`. */
  url: z.url({ protocol: /^https?$/ }),
  bearer: SecretReference.optional(),
  basic: z.strictObject({ username: z.string().min(1), password: SecretReference }).optional(),
})
type Config = z.infer<typeof Config>

/** It ends by itself when nobody posts it again for so long: then Millwright is down, which is an alert of its own. */
const lastsMinutes = 15
const againSeconds = 120

async function notify(
  notification: Notification,
  config: Config,
  { secret, signal }: { secret: (reference: string) => string; signal: AbortSignal },
): Promise<Delivered> {
  const url = `${config.url.replace(/\/+$/, '')}/api/v2/alerts`
  const authorization = authorizationOf(config, secret)
  const headers = authorization === null ? {} : { authorization }
  const posted = await postJson({ url, headers, signal, body: JSON.stringify([alertOf(notification, new Date())]) })
  return posted.kind === 'sent' && notification.kind === 'needs-you' ? { kind: 'sent', againSeconds } : posted
}

/** The labels are the same for every message about an incident: what ends it has to find what began it. */
function alertOf({ kind, incident, team, environment, summary, url, labels, at }: Notification, now: Date): object {
  const lasts = kind === 'needs-you' || kind === 'notice'
  const end = lasts ? new Date(now.getTime() + lastsMinutes * 60_000) : now
  // Whatever the incident's own severity, a notice is no reason to wake anybody.
  const severity = kind === 'notice' ? 'info' : incident.severity
  return {
    labels: {
      ...(kind === 'notice'
        ? { alertname: 'MillwrightNotice', [ownAlertLabel]: 'notice' }
        : { alertname: 'MillwrightNeedsYou', [ownAlertLabel]: 'needs-you' }),
      incident: `INC-${incident.number}`,
      team,
      environment,
      ...(severity === null ? {} : { severity }),
      ...(labels['host'] === undefined ? {} : { host: labels['host'] }),
    },
    annotations: { summary, address: url, title: incident.title, reason: labels['reason'] ?? '' },
    startsAt: at < now.toISOString() ? at : now.toISOString(),
    endsAt: end.toISOString(),
    generatorURL: url,
  }
}

export default { config: Config, notify } satisfies Notifier<Config>
