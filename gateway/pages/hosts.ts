// The inventory: only what stands here can ever be a target.
import { html } from 'hono/html'
import type { HostView } from '../../domain/telling/fleet-view.ts'
import { count } from '../../domain/text.ts'
import { quarantineForm } from './forms.ts'
import type { Page } from './layout.ts'
import { ago, badge, empty, type Html, type Look } from './parts.ts'

/** More hosts are not listed on one page. */
const maximumHosts = 100

export function hostsPage(hosts: readonly HostView[], look: Look, mayChange: boolean): Page {
  const left = hosts.length - maximumHosts
  const body = html`<h1>Hosts</h1>
    <p class="muted">Only what stands in the inventory can be looked at or acted on.</p>
    ${
      hosts.length === 0
        ? html`<br />${empty('The inventory names no host. Name an inventory in the config, then check it:', 'npx millwright host check web-01 --config /etc/millwright/millwright.yaml')}`
        : html`<h2>${count(hosts.length, 'host')}</h2>
            <ul class="card rows">
              ${hosts.slice(0, maximumHosts).map((host) => row(host, look, mayChange))}
            </ul>`
    }${left > 0 ? html`<p class="muted">${count(left, 'more', 'more')}: npx millwright host list</p>` : ''}`
  return { title: 'Hosts', here: 'hosts', body, events: '/api/v1/events' }
}

function row(host: HostView, look: Look, mayChange: boolean): Html {
  const declares = [
    host.role,
    host.environment,
    count(host.units.length, 'unit'),
    count(host.mounts.length, 'mount'),
    count(host.endpoints.length, 'endpoint'),
  ].join(' · ')
  return html`<li>
    <span>${hostBadge(host)}</span>
    <h3>${host.name}</h3>
    <span class="when">${host.lastSeenAt === null ? 'never looked at' : html`seen ${ago(host.lastSeenAt, look)}`}</span>
    <p>
      ${declares}${host.lastChangeAt === null ? '' : html` · changed ${ago(host.lastChangeAt, look)}`}<br /><code
        >${host.address}:${host.port}</code
      >${
        host.keys === 0
          ? html` · <span class="need-text">no host key pinned, so no connection is made</span>`
          : ` · ${count(host.keys, 'pinned key')}`
      }${host.quarantined === null ? '' : html`<br /><span class="bad-text">Quarantined by ${host.quarantined.by}, ${ago(host.quarantined.at, look)}:</span> ${host.quarantined.because}`}
      ${host.openIncidents.map((one) => html`<br /><a class="over" href="/incidents/${one.number}">INC-${one.number}</a> ${one.title}`)}
    </p>
    ${mayChange ? html`<div class="more">${quarantineForm(host.id, host.quarantined !== null)}</div>` : ''}
  </li>`
}

function hostBadge(host: HostView): Html {
  if (host.quarantined !== null) return badge({ word: 'Quarantined', tone: 'bad', shape: 'cross' })
  if (host.busyWith !== null) return badge({ word: 'Being repaired', tone: 'acting', shape: 'tool' })
  if (host.openIncidents.length > 0)
    return badge({
      word: count(host.openIncidents.length, 'incident'),
      tone: host.openIncidents.some((one) => one.needsYou) ? 'need' : 'acting',
      shape: 'eye',
    })
  if (host.keys === 0) return badge({ word: 'No key', tone: 'need', shape: 'question' })
  return badge({ word: 'Nothing open', tone: 'plain', shape: 'check' })
}
