// The incident list: first whether a person is needed, in words.
import { html } from 'hono/html'
import type { SystemStatus } from '../../domain/telling/fleet-view.ts'
import type { Counters, IncidentList, IncidentRow } from '../../domain/telling/view.ts'
import { count, duration } from '../../domain/text.ts'
import { firstSource } from '../../domain/first-config.ts'
import type { Page } from './layout.ts'
import { badge, clock, empty, type Html, type Look, sentence, since, until } from './parts.ts'

export function incidentsPage(list: IncidentList, status: SystemStatus, look: Look): Page {
  const body = html`<h1 data-says>${list.headline}</h1>
    <p class="muted">${list.says}</p>
    ${counters(list.counters)}
    ${group({ title: 'Needs you', rows: list.needsYou, left: list.left.needsYou, look, need: true })}
    ${group({ title: 'In progress', rows: list.inProgress, left: list.left.inProgress, look })}
    ${group({ title: 'Closed today', rows: list.closed, left: list.left.closed, look })}
    ${list.needsYou.length + list.inProgress.length + list.closed.length === 0 ? nothing(status) : ''}`
  return { title: list.headline, here: 'incidents', body, events: '/api/v1/events' }
}

function counters(figures: Counters): Html {
  return html`<p class="counters">
    <span><b>${figures.alertsToday}</b>${noun(figures.alertsToday, 'alert')} today</span>
    <span><b>${figures.incidentsToday}</b>${noun(figures.incidentsToday, 'incident')}</span>
    <span><b>${figures.repairedToday}</b>repaired and verified</span>
    <span><b>${figures.handedOverToday}</b>handed over</span>
    <span
      ><b>${figures.wrongChanges}</b>wrong ${noun(figures.wrongChanges, 'change')} in 90 days, of
      ${count(figures.runs, 'run')}</span
    >
  </p>`
}

function noun(number: number, word: string): string {
  return number === 1 ? word : `${word}s`
}

type Group = {
  readonly title: string
  readonly rows: readonly IncidentRow[]
  readonly left: number
  readonly look: Look
  readonly need?: boolean
}

function group({ title, rows, left, look, need = false }: Group): Html | string {
  if (rows.length === 0) return ''
  return html`<h2>${title}</h2>
    <ul class="card rows${need ? ' need' : ''}">
      ${rows.map((row) => item(row, look))}
    </ul>
    ${left === 0 ? '' : html`<p class="muted">${count(left, 'more', 'more')}: npx millwright incident list</p>`}`
}

function item(row: IncidentRow, look: Look): Html {
  const href = row.state === 'awaiting-approval' ? `/incidents/${row.number}/approve` : `/incidents/${row.number}`
  const left = row.expiresAt === null ? '' : until(row.expiresAt, look)
  return html`<li>
    <span>${badge(row.badge, left)}</span>
    <h3><a href="${href}">${row.title}</a></h3>
    <span class="when">${when(row, look)}</span>
    <p>${sentence(row.says, look)}</p>
  </li>`
}

function when(row: IncidentRow, look: Look): Html {
  if (row.closedAt === null) return since(row.openedAt, look)
  return html`${duration(row.lasted)} · ${clock(row.closedAt, look)}`
}

/** It starts empty: what is missing comes first. */
function nothing(status: SystemStatus): Html {
  if (status.sources === 0) {
    return html`<br />${empty(
        'No source may send alerts yet: the config names none. For Alertmanager add this to it and restart:',
        firstSource,
      )}`
  }
  return html`<br />${empty('No alert has come in today. See what each source delivered:', 'npx millwright source tail')}`
}
