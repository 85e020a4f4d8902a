// Where alerts come from, what was delivered, and how to connect one's own.
import { html } from 'hono/html'
import type { DeliveryView, SourceView } from '../../domain/telling/fleet-view.ts'
import type { Badge } from '../../domain/telling/words.ts'
import { count } from '../../domain/text.ts'
import { firstSource } from '../../domain/first-config.ts'
import type { Page } from './layout.ts'
import { ago, badge, command, empty, type Html, type Look } from './parts.ts'
import { brief } from './shortened.ts'

const results: Readonly<Record<DeliveryView['result'], Badge>> = {
  opened: { word: 'Opened', tone: 'acting', shape: 'dot' },
  merged: { word: 'Merged', tone: 'plain', shape: 'arrow' },
  reopened: { word: 'Reopened', tone: 'need', shape: 'dot' },
  ignored: { word: 'Ignored', tone: 'plain', shape: 'dot' },
  test: { word: 'Test', tone: 'plain', shape: 'check' },
  rejected: { word: 'Rejected', tone: 'bad', shape: 'cross' },
}

export function sourcesPage(sources: readonly SourceView[], look: Look): Page {
  const body = html`<h1>Sources</h1>
    <p class="muted">Who may send alerts, and what came.</p>
    ${
      sources.length === 0
        ? html`<br />${empty('No source is named in the config, so every webhook is refused. To accept Alertmanager, add this to the config and restart:', firstSource)}`
        : sources.map((source) => section(source, look))
    }`
  return { title: 'Sources', here: 'sources', body, events: '/api/v1/events' }
}

function section(source: SourceView, look: Look): Html {
  return html`<h2>${source.name}</h2>
    <div class="card act">
      <p>
        ${source.use} · team ${source.team} · ${source.environment} · ${count(source.today, 'delivery', 'deliveries')}
        today ·
        ${
          source.metrics === null
            ? 'no metrics: recovery is judged by probes only'
            : html`rules read from <code>${source.metrics}</code>`
        }
      </p>
      ${connect(source)}
    </div>
    ${source.deliveries.length === 0 ? empty('Nothing was delivered yet. See whether its address and credential work:', `npx millwright source test ${source.name} --bearer file:/path/of/its/token`) : deliveries(source.deliveries, look)}`
}

/** What to copy into the sender's own configuration. */
function connect({ use, url, name }: SourceView): Html {
  if (use !== 'alertmanager')
    return html`<p class="muted">It posts here:</p>
      ${command(`POST ${url}`)}`
  return html`<details data-key="connect-${name}">
    <summary>Connect an Alertmanager: copy this into its configuration</summary>
    ${command(`receivers:
  - name: millwright
    webhook_configs:
      - url: ${url}
        send_resolved: true
        max_alerts: 0
        http_config:
          authorization:
            type: Bearer
            credentials_file: /etc/alertmanager/millwright-token
route:
  receiver: millwright   # or one more route with continue: true`)}
    <p class="muted">The token is the one that this source’s block in Millwright’s config refers to. Then:</p>
    ${command(`npx millwright source tail ${name}`)}
  </details>`
}

function deliveries(all: readonly DeliveryView[], look: Look): Html {
  return html`<ul class="card rows">
    ${all.map(
      (one) =>
        html`<li>
          <span>${badge(results[one.result])}</span>
          ${what(one)}
          <span class="when">${ago(one.receivedAt, look)}</span>
          <p>
            ${one.incidents.map((number) => html`<a href="/incidents/${number}">INC-${number}</a> `)}${one.alerts.length === 0 ? '' : `${one.says} `}${one.truncatedAlerts > 0 ? `${count(one.truncatedAlerts, 'alert')} left out by the source. ` : ''}
          </p>
        </li>`,
    )}
  </ul>`
}

/** The first alert by name, and what it is about; where nothing was new, what became of the delivery. */
function what({ alerts: [first, ...others], says }: DeliveryView): Html {
  if (first === undefined) return html`<h3>${says}</h3>`
  const { instance = '' } = first.labels
  return html`<h3>${brief(`${first.name} ${instance}`)}${others.length === 0 ? '' : ' and more'}</h3>`
}
