// The hand-over pack as a page: what is known, tried, ruled out, not seen and why, and what to type next.
import { html } from 'hono/html'
import { quarantineSays } from '../../domain/telling/hand-over.ts'
import type { HandOver, Viewer } from '../../domain/telling/view.ts'
import { alsoLooking } from './approve.ts'
import { closeForm, snoozeForm } from './forms.ts'
import { mayDecide } from './frame.ts'
import { leftSays } from '../../domain/telling/words.ts'
import type { Page } from './layout.ts'
import { badge, clock, command, type Html, icon, type Look } from './parts.ts'

/** More lines of one kind are not listed. */
const maximumLines = 60

export function handOverPage(pack: HandOver, look: Look, viewer: Viewer | null): Page {
  const { incident } = pack
  const mayClose = mayDecide(viewer)
  const body = html`<p class="crumbs">
      <a href="/">Incidents</a> / <a href="/incidents/${incident.number}">INC-${incident.number}</a> / Hand-over
    </p>
    <h1>${incident.title}</h1>
    <p class="sum" data-says>${badge(incident.badge)}<span>${pack.why}</span></p>
    ${alsoLooking(pack.looking, viewer, look)}
    ${pack.quarantined === null ? '' : html`<p class="notice bad">${icon('cross')} ${quarantineSays(pack.quarantined)}</p>`}
    <div class="two">
      <div>
        <h2>Type next</h2>
        ${pack.commands.map(
          (one) =>
            html`<p class="muted">${one.says}</p>
              ${command(one.command)}`,
        )}
        ${section(
          'Known',
          pack.known.map((one) => known(incident.number, one)),
          'Nothing was seen.',
        )}
        ${section(
          'Tried',
          pack.tried.map((one) => html`${one.says}${one.at === '' ? '' : html`, ${clock(one.at, look)}`}`),
          'Nothing was changed on any host.',
        )}
        ${section(
          'Ruled out',
          pack.ruledOut.map((one) => html`<code>${one.playbook}</code> ${one.signature}: ${one.because}`),
          'No known fault was compared.',
        )}
        ${section(
          'Not seen, and why',
          pack.notSeen.map((one) => html`<code>${one.what}</code>: ${one.why}`),
          'Nothing that was asked for is missing.',
        )}
        <p class="muted">${leftSays(pack.left)}</p>
      </div>
      <aside class="down" aria-label="Facts">
        <dl>
          <div>
            <dt>Host</dt>
            <dd>${incident.host ?? 'unknown'}</dd>
          </div>
          <div>
            <dt>Opened</dt>
            <dd>${clock(incident.openedAt, look)}</dd>
          </div>
          <div>
            <dt>Take it along</dt>
            <dd><a href="/api/v1/incidents/${incident.number}/hand-over">As Markdown</a></dd>
          </div>
        </dl>
        ${mayClose && incident.state === 'handed-over' ? acts(incident.number) : ''}
      </aside>
    </div>`
  return { title: `Hand-over INC-${incident.number}`, here: 'incidents', body }
}

/** What ends it, and what leaves people in peace until somebody does. */
function acts(number: number): Html {
  return html`${closeForm(number)}<br />
    <details data-key="snooze">
      <summary>Remind people later</summary>
      ${snoozeForm(number)}
    </details>`
}

function section(title: string, lines: readonly Html[], nothing: string): Html {
  const shown = lines.slice(0, maximumLines)
  return html`<h2>${title}</h2>
    ${
      shown.length === 0
        ? html`<p class="muted">${nothing}</p>`
        : html`<ul class="list">
            ${shown.map((one) => html`<li><span>${one}</span></li>`)}
          </ul>`
    }${lines.length > maximumLines ? html`<p class="muted">The rest stands in the Markdown.</p>` : ''}`
}

function known(number: number, { says, evidence }: HandOver['known'][number]): Html {
  return html`${says}${evidence === null ? '' : html` · <a href="/incidents/${number}/evidence/${evidence}">raw</a>`}`
}
