// Who may log in, who let them in, and the forms with which an admin lets in, changes and removes.
import { html } from 'hono/html'
import type { PersonView } from '../../domain/telling/fleet-view.ts'
import type { Viewer } from '../../domain/telling/view.ts'
import { count } from '../../domain/text.ts'
import type { Invitation } from '../../store/people.ts'
import { inviteForm, logoutForm, removeForm } from './forms.ts'
import type { Page } from './layout.ts'
import { ago, badge, command, type Html, type Look } from './parts.ts'

const roles = {
  viewer: { word: 'Viewer', tone: 'plain', shape: 'eye' },
  approver: { word: 'Approver', tone: 'acting', shape: 'check' },
  admin: { word: 'Admin', tone: 'need', shape: 'hand' },
} as const

export function peoplePage(people: readonly PersonView[], look: Look, viewer: Viewer): Page {
  const isAdmin = viewer.role === 'admin'
  const body = html`<h1>People</h1>
    <p class="muted">
      You are ${viewer.name}, ${viewer.role} of team ${viewer.team}.
      ${isAdmin ? 'Admins see every team.' : `You see what belongs to team ${viewer.team}, and an admin changes who is here.`}
    </p>
    ${logoutForm()}
    <h2>${count(people.length, 'person', 'people')}</h2>
    <ul class="card rows">
      ${people.map((one) => row(one, look, isAdmin && one.name !== viewer.name))}
    </ul>
    ${
      isAdmin
        ? html`<h2>Let somebody in</h2>
            ${inviteForm()}`
        : ''
    }`
  return { title: 'People', here: 'people', body }
}

function row(one: PersonView, look: Look, mayRemove: boolean): Html {
  const seen = one.lastSeenAt === null ? 'not logged in' : html`seen ${ago(one.lastSeenAt, look)}`
  const from =
    one.letInBy === null ? 'named where Millwright was started' : html`let in or changed last by ${one.letInBy}`
  return html`<li>
    <span>${badge(roles[one.role])}</span>
    <h3>${one.name}</h3>
    <span class="when">${seen}</span>
    <p>team ${one.team} · ${from} · ${count(one.sessions, 'open login')}</p>
    ${mayRemove ? html`<div class="more">${removeForm(one.name)}</div>` : ''}
  </li>`
}

type Invited = Pick<PersonView, 'name' | 'role' | 'team'> & Invitation

/** The one place that shows a code. */
export function invitedPage({ name, role, team, code, did }: Invited, url: string): Page {
  const words = {
    invited: `${name} is let in`,
    changed: `${name} is changed`,
    known: `A code for ${name}`,
  } as const
  const body = html`<p class="crumbs"><a href="/people">People</a> / ${name}</p>
    <h1 data-says>${words[did]}</h1>
    <p>${role} of team ${team}. This code logs ${name} in at ${url}/login, once, within ten minutes:</p>
    ${command(code)}
    <p class="muted">
      Give it to nobody else: whoever types it is ${name}. For plans made before this login, you and ${name} count as
      one person where two must approve.
    </p>
    <div class="buttons"><a class="button" href="/people">All people</a></div>`
  return { title: words[did], here: 'people', body }
}
