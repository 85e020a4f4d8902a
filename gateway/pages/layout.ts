// The frame around every page: header with the state of Millwright, navigation, footer.
import { html } from 'hono/html'
import type { SystemStatus } from '../../domain/telling/fleet-view.ts'
import type { Viewer } from '../../domain/telling/view.ts'
import { assetUrl } from './assets.ts'
import { stopForm, whoResumes } from './forms.ts'
import { ago, type Html, icon, type Look } from './parts.ts'

export type Frame = {
  readonly look: Look
  /** Null before login. */
  readonly viewer: Viewer | null
  /** Null when the store can't be read: then nothing may act either. */
  readonly status: SystemStatus | null
  /** A sentence about what the last form did. */
  readonly said: string | null
}

export type Page = {
  readonly title: string
  readonly here: 'incidents' | 'playbooks' | 'hosts' | 'sources' | 'people' | null
  readonly body: Html
  /** Live events that concern this page; null when it never changes. */
  readonly events?: string | null
  /** `ask`: the approval screen, with as little around it as can be. */
  readonly kind?: 'ask' | undefined
}

const places = [
  ['incidents', '/', 'Incidents'],
  ['playbooks', '/playbooks', 'Playbooks'],
  ['hosts', '/hosts', 'Hosts'],
  ['sources', '/sources', 'Sources'],
  ['people', '/people', 'People'],
] as const

/** The whole document. */
export function layout(page: Page, frame: Frame): Html {
  const { look, said } = frame
  const slim = page.kind === 'ask'
  return html`<!doctype html>
    <html lang="en" data-now="${look.now.toISOString()}">
      <head>
        <meta charset="utf-8" />
        <title>${page.title} · Millwright</title>
        <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
        <meta name="referrer" content="same-origin" />
        <link rel="stylesheet" href="${assetUrl('style.css')}" />
        <link rel="icon" href="${assetUrl('icon.svg')}" type="image/svg+xml" />
        <script src="${assetUrl('live.js')}"></script>
      </head>
      <body>
        <a class="skip" href="#main">To the content</a>
        <header class="top${slim ? ' slim' : ''}">
          <div>
            <a class="brand" href="/">${logo()}Millwright</a>
            ${frame.viewer === null ? '' : inside(page, frame, frame.viewer)}
          </div>
        </header>
        <main id="main" tabindex="-1" ${page.kind === 'ask' ? html` class="ask"` : ''}${events(page, look)}>
          ${said === null ? '' : html`<p class="notice" role="status">${said}</p>`}
          ${frame.status === null || frame.viewer === null ? '' : notices(frame.status, look)} ${page.body}
        </main>
        ${slim ? '' : footer(frame)}
        <p id="live" class="skip" aria-live="polite"></p>
      </body>
    </html>`
}

/** Only for people who are logged in. */
function inside(page: Page, { status, look }: Frame, viewer: Viewer): Html {
  return html`<nav aria-label="Main">
      <ul>
        ${places.map((place) => navItem(place, page.here))}
      </ul>
    </nav>
    ${status === null ? '' : state(status, look)}
    ${page.kind === 'ask' || viewer.role === 'viewer' ? '' : stopForm(status, viewer)}`
}

function logo(): Html {
  return html`<svg viewBox="0 0 24 24" aria-hidden="true">
    <circle cx="12" cy="12" r="9" />
    <circle cx="12" cy="12" r="2.6" />
    <path d="M12 3v6.4M12 14.6V21M3 12h6.4M14.6 12H21" />
  </svg>`
}

function navItem([id, href, word]: (typeof places)[number], here: Page['here']): Html {
  return html`<li><a href="${href}" ${id === here ? html` aria-current="page"` : ''}>${word}</a></li>`
}

/** From this page's own moment on: nothing is missed between rendering and listening. */
function events({ events: address }: Page, { now }: Look): Html | string {
  if (address === undefined || address === null) return ''
  return html` data-events="${address}${address.includes('?') ? '&' : '?'}since=${now.toISOString()}"`
}

function state(status: SystemStatus, look: Look): Html {
  const where = status.environments.length === 0 ? 'nothing yet' : status.environments.join(', ')
  if (status.acting)
    return html`<p class="state">
      <span class="led"></span><span>Acting on <b>${where}</b></span>
    </p>`
  return html`<p class="state">
    <span class="led off"></span><span><b class="bad-text">Stopped</b> ${by(status, look)}</span>
  </p>`
}

function by({ stopped }: SystemStatus, look: Look): Html | string {
  if (stopped === null) return ''
  return html`by ${stopped.by}, ${ago(stopped.at, look)}`
}

/** What of Millwright itself needs attention. */
function notices(status: SystemStatus, look: Look): Html {
  const { stopped, dispatch, outbox } = status
  const late = dispatch.oldest !== null && look.now.getTime() - Date.parse(dispatch.oldest) > 60_000
  return html`${stopped === null ? '' : html`<p class="notice bad">${icon('cross')} <b>Stopped by ${stopped.by}.</b> ${stopped.says} Nothing is changed anywhere until it is resumed; looking goes on. ${stopped.team === '' ? '' : whoResumes(stopped)}</p>`}
  ${late ? html`<p class="notice bad">${icon('clock')} ${dispatch.waiting} recorded incidents wait for the workflow server, the oldest since ${ago(dispatch.oldest ?? '', look)}. They start when it answers.</p>` : ''}
  ${outbox.givenUp > 0 ? html`<p class="notice bad">${icon('cross')} ${outbox.givenUp} messages to people could not be sent: ${outbox.error ?? 'no reason recorded'}</p>` : ''}`
}

function footer({ viewer, status, look }: Frame): Html {
  const factor =
    status === null || status.timeFactor === 1 ? '' : html`<span>Waits are divided by ${status.timeFactor} here.</span>`
  return html`<footer>
    <span>Times in ${look.zone}</span
    >${factor}${viewer === null ? '' : html`<span>${viewer.name}, ${viewer.role}</span>`}<button
      id="theme"
      type="button"
      hidden
    >
      Colours
    </button>
  </footer>`
}
