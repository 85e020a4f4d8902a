// The monitoring host: Debian's Prometheus, Alertmanager and blackbox exporter, configured before it boots.
import { chown, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import { Failure } from '../domain/failure.ts'
import { hostPaths } from './paths.ts'
import { monitorServices, teamUnits } from './recipe.ts'
import { labRules } from './rules.ts'
import type { HostState, LabState } from './state.ts'

const readyTimeoutMs = 120_000
const answerMs = 10_000
const pollMs = 50
/** Alertmanager's production defaults, in seconds; divided like every duration of the lab. */
const grouping = { interval: 300, repeat: 4 * 3600 } as const
const tokenPath = '/etc/prometheus/webhook.token'

/** Where the lab's monitoring answers, reachable from this machine. */
export type Monitor = { readonly prometheusUrl: string; readonly alertmanagerUrl: string; readonly blackboxUrl: string }

export function monitorOf(host: HostState): Monitor {
  const at = (port: number): string => `http://${host.address}:${String(port)}`
  return { prometheusUrl: at(9090), alertmanagerUrl: at(9093), blackboxUrl: at(9115) }
}

/** Writes the configuration into the mounted tree of `mon-01`. `webhookUrl` is as that host can reach it. */
export async function configureMonitor(
  state: LabState,
  host: HostState,
  webhookUrl: string | undefined,
): Promise<void> {
  const root = hostPaths(state.name, host.name).root
  const put = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  const rules = await labRules(state.durationFactor)
  for (const { name, text } of rules) await put(`etc/prometheus/rules/${name}`, text)
  await put('etc/prometheus/prometheus.yml', stringify(prometheusConfig(state, host)))
  await put('etc/prometheus/alertmanager.yml', stringify(alertmanagerConfig(state.durationFactor, webhookUrl)))
  await put('etc/prometheus/blackbox.yml', stringify(blackboxConfig))
  await put(
    'etc/default/prometheus',
    defaults(['--storage.tsdb.retention.time=1d', '--web.enable-lifecycle', '--rules.alert.resend-delay=2s']),
  )
  await put(
    'etc/default/prometheus-alertmanager',
    defaults(['--config.file=/etc/prometheus/alertmanager.yml', '--cluster.listen-address=']),
  )
  await put('etc/default/prometheus-blackbox-exporter', defaults(['--config.file=/etc/prometheus/blackbox.yml']))
  if (state.webhook !== undefined) await putToken(root, state.webhook.bearerFile)
  for (const service of monitorServices) {
    await symlink(
      `/lib/systemd/system/${service}.service`,
      join(root, 'etc/systemd/system/multi-user.target.wants', `${service}.service`),
    )
  }
  await symlink('/dev/null', join(root, 'etc/systemd/system/nginx.service'))
  for (const unit of teamUnits) await rm(join(root, 'etc/systemd/system/multi-user.target.wants', unit))
}

function defaults(args: readonly string[]): string {
  return `ARGS="${args.join(' ')}"\n`
}

/** Readable by Alertmanager's account only, whose number is the base's own. */
async function putToken(root: string, bearerFile: string): Promise<void> {
  const path = join(root, tokenPath)
  await writeFile(path, (await readFile(bearerFile, 'utf8')).trim(), { mode: 0o400 })
  const account = /^prometheus:[^:]*:(\d+):(\d+):/m.exec(await readFile(join(root, 'etc/passwd'), 'utf8'))
  await chown(path, Number(account?.[1] ?? 0), Number(account?.[2] ?? 0))
}

function prometheusConfig(state: LabState, monitor: HostState): object {
  const webHosts = state.hosts.filter((host) => host.role === 'web')
  const viaBlackbox = [
    { source_labels: ['__address__'], target_label: '__param_target' },
    { source_labels: ['__param_target'], target_label: 'instance' },
    { target_label: '__address__', replacement: `${monitor.address}:9115` },
  ]
  return {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: ['/etc/prometheus/rules/*.yml'],
    alerting: { alertmanagers: [{ static_configs: [{ targets: ['127.0.0.1:9093'] }] }] },
    scrape_configs: [
      { job_name: 'node', static_configs: [{ targets: state.hosts.map((host) => `${host.name}:9100`) }] },
      {
        job_name: 'blackbox',
        metrics_path: '/probe',
        params: { module: ['http_2xx'] },
        static_configs: [{ targets: webHosts.map((host) => `http://${host.name}/`) }],
        relabel_configs: viaBlackbox,
      },
    ],
  }
}

function alertmanagerConfig(factor: number, webhookUrl: string | undefined): object {
  const http = { authorization: { type: 'Bearer', credentials_file: tokenPath } }
  const webhook = { url: webhookUrl, send_resolved: true, http_config: http }
  const seconds = (production: number): string => `${String(Math.max(1, Math.round(production / factor)))}s`
  return {
    route: {
      receiver: 'millwright',
      group_by: ['alertname', 'instance'],
      group_wait: '100ms',
      group_interval: seconds(grouping.interval),
      repeat_interval: seconds(grouping.repeat),
    },
    receivers: [{ name: 'millwright', ...(webhookUrl === undefined ? {} : { webhook_configs: [webhook] }) }],
  }
}

const blackboxConfig = {
  modules: {
    http_2xx: { prober: 'http', timeout: '900ms', http: { preferred_ip_protocol: 'ip4', ip_protocol_fallback: false } },
  },
}

/** Waits until Prometheus has scraped every target once and Alertmanager answers. */
export async function monitorReady(
  { prometheusUrl, alertmanagerUrl }: Monitor,
  targets: number,
  signal: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + readyTimeoutMs
  const query = `${prometheusUrl}/api/v1/query?query=${encodeURIComponent('count(up == 1)')}`
  while (Date.now() < deadline && !signal.aborted) {
    const [up, ready] = await Promise.all([textAt(query), textAt(`${alertmanagerUrl}/-/ready`)])
    if (ready !== undefined && up?.includes(`"${String(targets)}"`) === true) return
    await sleep(pollMs)
  }
  throw new Failure({
    code: 'host.timeout',
    message: `The lab's monitoring did not see its ${String(targets)} targets in ${String(readyTimeoutMs / 1000)} s.`,
  })
}

async function textAt(url: string): Promise<string | undefined> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(answerMs) })
    return answer.ok ? await answer.text() : undefined
  } catch {
    return undefined
  }
}
