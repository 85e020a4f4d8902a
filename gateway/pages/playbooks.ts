// What Millwright may do: every playbook with its mode where, its conditions, and what became of its runs.
import { html } from 'hono/html'
import type { PlaybookView } from '../../domain/telling/fleet-view.ts'
import type { Record90 } from '../../domain/telling/view.ts'
import { count, duration } from '../../domain/text.ts'
import type { Page } from './layout.ts'
import { badge, clock, empty, type Html, type Look } from './parts.ts'

const tiers = ['0, harmless', '1, may act alone', '2, asks a person', '3, asks two people'] as const

export function playbooksPage(playbooks: readonly PlaybookView[]): Page {
  const body = html`<h1>Playbooks</h1>
    <p class="muted">Nothing changes on a host except through one of these.</p>
    ${
      playbooks.length === 0
        ? html`<br />${empty('No playbook is pinned. Pin the ones that come with Millwright:', 'npx millwright playbook lock')}`
        : html`<h2>${count(playbooks.length, 'playbook')}</h2>
            <ul class="card rows">
              ${playbooks.map(row)}
            </ul>`
    }`
  return { title: 'Playbooks', here: 'playbooks', body }
}

function row(playbook: PlaybookView): Html {
  return html`<li>
    <span>${modeBadge(playbook)}</span>
    <h3><a href="/playbooks/${playbook.id}">${playbook.title}</a></h3>
    <span class="when">tier ${playbook.tier}</span>
    <p><code>${playbook.id}@${playbook.version}</code> · ${figures(playbook.record)}</p>
  </li>`
}

/** The highest mode in any environment. */
function modeBadge({ modes }: PlaybookView): Html {
  const order = ['auto', 'suggest', 'shadow', 'draft'] as const
  const best = order.find((mode) => modes.some((one) => one.mode === mode)) ?? 'draft'
  const looks = {
    auto: { word: 'Auto', tone: 'acting', shape: 'tool' },
    suggest: { word: 'Suggest', tone: 'need', shape: 'hand' },
    shadow: { word: 'Shadow', tone: 'plain', shape: 'eye' },
    draft: { word: 'Draft', tone: 'plain', shape: 'dot' },
  } as const
  return badge(looks[best])
}

function figures({ runs, verified, wrong }: Record90): string {
  if (runs === 0) return 'no run in 90 days'
  return `${verified} of ${count(runs, 'run')} verified in 90 days${wrong === 0 ? '' : `, ${wrong} wrong`}`
}

/** `$unit` stands for whatever the incident is about. */
function named(text: string): string {
  return text.replaceAll(/\$([a-zA-Z]+)/g, '‹$1›')
}

export function playbookPage(playbook: PlaybookView, look: Look): Page {
  const body = html`<p class="crumbs"><a href="/playbooks">Playbooks</a> / ${playbook.id}</p>
    <h1>${playbook.title}</h1>
    <p class="sum">${modeBadge(playbook)}<span>${named(playbook.wants)}</span></p>
    <div class="two">
      <div>
        <h2>When to use it</h2>
        <p>${playbook.whenToUse}</p>
        <h2>When not to</h2>
        <p>${playbook.whenNotToUse}</p>
        <h2>Faults it knows</h2>
        ${playbook.signatures.map(
          (signature) =>
            html`<h3>${named(signature.says)}</h3>
              <ul class="list">
                ${signature.conditions.map((one) => html`<li>${named(one)}</li>`)}
              </ul>`,
        )}
        <h2>What it changes</h2>
        <ul class="list">
          ${playbook.effects.map(
            (effect) =>
              html`<li>
                <span
                  >${named(effect.says)}${effect.reversible ? '' : html` · <span class="need-text">cannot be undone</span>`}</span
                >
              </li>`,
          )}
        </ul>
        <p class="muted">${playbook.undo}</p>
        <h2>How it is proven</h2>
        <ul class="list">
          ${playbook.verify.map((one) => html`<li>${named(one)}</li>`)}
        </ul>
        <p class="muted">Held for ${duration(playbook.soakSeconds * 1000)}.</p>
        <h2>Last runs</h2>
        ${lastRuns(playbook, look)}
      </div>
      <aside aria-label="Facts"><dl>${side(playbook)}</dl></aside>
    </div>`
  return { title: playbook.id, here: 'playbooks', body }
}

function lastRuns({ lastRuns: runs }: PlaybookView, look: Look): Html {
  if (runs.length === 0) return html`<p class="muted">It has not run in the last 90 days.</p>`
  return html`<ul class="card rows">
    ${runs.map(
      (run) =>
        html`<li>
          <span>${badge(run.badge)}</span>
          <h3><a href="/incidents/${run.incident}">INC-${run.incident}</a> on ${run.host}</h3>
          <span class="when">${clock(run.at, look)}</span>
        </li>`,
    )}
  </ul>`
}

function side(playbook: PlaybookView): Html {
  const { perHostHour, cooldownSeconds } = playbook.limits
  const modes = playbook.modes.map(({ environment, mode }) =>
    environment === '*' ? `${mode} everywhere: no environment is named` : html`${environment}: ${mode}<br />`,
  )
  return html`<div>
      <dt>Version</dt>
      <dd><code>${playbook.id}@${playbook.version}</code></dd>
    </div>
    <div>
      <dt>Pinned content</dt>
      <dd><code title="${playbook.digest}">${playbook.digest.slice(0, 16)}…</code></dd>
    </div>
    <div>
      <dt>Mode</dt>
      <dd>${modes}</dd>
    </div>
    <div>
      <dt>Tier</dt>
      <dd>${tiers[playbook.tier] ?? playbook.tier}</dd>
    </div>
    <div>
      <dt>Record</dt>
      <dd>${figures(playbook.record)}</dd>
    </div>
    <div>
      <dt>Limits</dt>
      <dd>${perHostHour} an hour and host, ${duration(cooldownSeconds * 1000)} between two</dd>
    </div>
    <div>
      <dt>Owner</dt>
      <dd>${playbook.owner}</dd>
    </div>`
}
