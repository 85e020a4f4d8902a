// One incident: one sentence, how far and how fast, what happened, and what a person can do now.
import { html } from 'hono/html'
import { quarantineSays } from '../../domain/telling/hand-over.ts'
import type { AlertView, IncidentView, Step, Viewer } from '../../domain/telling/view.ts'
import { count, precise } from '../../domain/text.ts'
import { calls } from './calls.ts'
import { budgetForm, closeForm } from './forms.ts'
import type { Page } from './layout.ts'
import { ago, badge, clock, exactClock, type Html, icon, type Look, sentence, until } from './parts.ts'
import { planName, story } from './story.ts'

type Options = {
  readonly look: Look
  readonly viewer: Viewer | null
  /** The alert's own expression, drawn; null when no metrics are configured for its source. */
  readonly chart: Html | null
}

/** More labels than this are not listed for one alert. */
const maximumLabels = 30
const maximumAlerts = 20

export function incidentPage(incident: IncidentView, { look, viewer, chart }: Options): Page {
  const left = incident.expiresAt === null ? '' : until(incident.expiresAt, look)
  const body = html`<p class="crumbs"><a href="/">Incidents</a> / INC-${incident.number}</p>
    <h1>${incident.title}</h1>
    <p class="sum" data-says>${badge(incident.badge, left)}<span>${sentence(incident.says, look)}</span></p>
    ${incident.quarantined === null ? '' : html`<p class="notice bad">${icon('cross')} ${quarantineSays(incident.quarantined)} <a href="/hosts">Hosts</a></p>`}
    ${incident.dryRun ? html`<p class="notice">${icon('eye')} Dry run: nothing will be carried out.</p>` : ''}
    <ol class="strip">
      ${incident.steps.map((step) => stripStep(step, look))}
    </ol>
    <div class="two">
      <div>${act(incident, viewer)}${chart ?? ''}${story(incident, look)}</div>
      <aside aria-label="Facts"><dl>${sideFacts(incident, look)}</dl></aside>
    </div>`
  return {
    title: `INC-${incident.number} ${incident.title}`,
    here: 'incidents',
    body,
    events: incident.state === 'closed' ? null : `/api/v1/events?incident=${incident.number}`,
  }
}

function stripStep(step: Step, look: Look): Html {
  const time =
    step.at === null
      ? step.says === null
        ? ''
        : sentence(step.says, look)
      : step.after === 0
        ? exactClock(step.at, look)
        : `+${precise(step.after ?? 0)}`
  return html`<li class="${step.state}" ${step.state === 'now' ? html` aria-current="step"` : ''}>
    <b>${step.word}</b><small>${time}</small>
  </li>`
}

/** What a person can do here, when there is something to do. */
function act(incident: IncidentView, viewer: Viewer | null): Html | string {
  const may = viewer !== null && viewer.role !== 'viewer'
  if (incident.state === 'awaiting-approval') {
    return html`<div class="card need act">
      <p>${icon('clock')} A plan waits for a decision. Without one nothing runs.</p>
      <div class="buttons">
        <a class="button primary" href="/incidents/${incident.number}/approve">Look at it and decide</a>
      </div>
    </div>`
  }
  if (incident.state !== 'handed-over') return ''
  return html`<div class="card need act">
    <p>
      ${icon('hand')} It is yours: Millwright has stopped here. It stays open until somebody ends it, or the source
      resolves it and every check is clear.
    </p>
    <div class="buttons">
      <a class="button primary" href="/incidents/${incident.number}/hand-over">What is known, and what to type</a>
    </div>
    ${
      may
        ? html`<details data-key="close">
              <summary>Close it</summary>
              ${closeForm(incident.number)}
            </details>
            ${
              incident.reason === 'over-budget'
                ? html`<details data-key="budget">
                    <summary>Lift the budget</summary>
                    ${budgetForm(incident.number)}
                  </details>`
                : ''
            }`
        : ''
    }
  </div>`
}

function sideFacts(incident: IncidentView, look: Look): Html {
  const plan = incident.plans.at(-1)
  return html`${fact('Host', html`${incident.host === null ? 'unknown' : html`<a href="/hosts">${incident.host}</a>`} · ${incident.environment}`)}
    ${fact('Alert', html`${incident.source}, ${incident.sourceStatus === 'firing' ? 'still firing' : 'resolved'}${incident.severity === null ? '' : `, ${incident.severity}`}`)}
    ${plan === undefined ? '' : fact('Playbook', html`<a href="/playbooks/${plan.playbook}">${plan.playbook}@${plan.version}</a><br />${record(incident)}`)}
    ${plan === undefined ? '' : fact('Plan', planName(plan.digest))}
    ${fact('Attempts', html`${incident.attempt.used} of ${incident.attempt.of}`)}
    ${fact('Model', calls(incident.calls, look))} ${decisions(incident, look)}
    ${fact('Opened', html`${clock(incident.openedAt, look)}, ${ago(incident.openedAt, look)}`)}
    ${fact('Record', html`<a href="/incidents/${incident.number}/hand-over">Hand-over pack</a> · <a href="/api/v1/incidents/${incident.number}/hand-over">Markdown</a> · <a href="/api/v1/incidents/${incident.number}">JSON</a>`)}
    <div>
      <dt>Alerts as received</dt>
      <dd>
        ${incident.alerts.slice(0, maximumAlerts).map(alert)}${incident.alerts.length > maximumAlerts ? html`<small>and ${count(incident.alerts.length - maximumAlerts, 'more', 'more')}</small>` : ''}
      </dd>
    </div>`
}

function fact(name: string, value: Html): Html {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`
}

function record({ record: figures }: IncidentView): string {
  if (figures === null || figures.runs === 0) return 'no run before'
  return `${count(figures.runs, 'run')}, ${figures.verified} verified, 90 days`
}

function decisions({ decisions: all }: IncidentView, look: Look): Html | string {
  if (all.length === 0) return ''
  const words = { approve: 'approved', reject: 'rejected', 'take-over': 'took over' } as const
  const lines = all.map((one) => {
    const voided = one.state === 'void' ? ' (not delivered, nothing ran)' : ''
    return html`<span>${one.person} ${words[one.verdict]} ${clock(one.at, look)}${voided}</span><br />`
  })
  return fact('Decision', html`${lines}`)
}

function alert(one: AlertView): Html {
  const labels = Object.entries(one.labels).slice(0, maximumLabels)
  const notes = Object.entries(one.annotations).slice(0, maximumLabels)
  return html`<details data-key="alert-${one.fingerprint}">
    <summary>${one.name}, ${one.status}</summary>
    <dl>
      ${[...labels, ...notes].map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
    ${one.link === null ? '' : html`<p><a href="${one.link}" rel="noreferrer nofollow">Where the source shows it</a></p>`}
  </details>`
}
