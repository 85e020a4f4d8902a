// The forms. Each posts to the write API, which answers with a page again; a GET decides nothing.
import { html } from 'hono/html'
import type { SystemStatus } from '../../domain/telling/fleet-view.ts'
import type { Viewer } from '../../domain/telling/view.ts'
import { newId } from '../../runtime/ids.ts'
import type { Html } from './parts.ts'

/** Longest text that a person may give as reason; the write API has the same limit. */
const longestReason = 500

/** `Stop all`, or `Resume` when it is stopped; who may not resume is told who may. */
export function stopForm(status: SystemStatus | null, viewer: Viewer): Html {
  const stopped = status !== null && !status.acting
  const stop = status?.stopped ?? null
  if (stop !== null && stop.team !== viewer.team && viewer.role !== 'admin' && stop.by !== viewer.name) {
    return html`<details class="stop">
      <summary>Resume</summary>
      <form><p class="muted">${whoResumes(stop)}</p></form>
    </details>`
  }
  const [word, action, button] = stopped
    ? ['Resume', '/api/v1/resume', 'Resume all changes']
    : ['Stop all', '/api/v1/stop', 'Stop all changes now']
  return html`<details class="stop">
    <summary>${word}</summary>
    <form method="post" action="${action}">
      <p class="muted">
        ${stopped ? 'Changes may start again, each under its rules.' : 'No new change starts, running ones are cancelled. Looking goes on.'}
      </p>
      <label
        >Why <input name="says" maxlength="${longestReason}" autocomplete="off" ${stopped ? 'required' : ''}
      /></label>
      <button class="${stopped ? 'primary' : 'danger'}">${button}</button>
    </form>
  </details>`
}

export function whoResumes({ by, team }: { readonly by: string; readonly team: string }): string {
  return `${by}, an approver of team ${team} or an admin resumes.`
}

/** Ends an incident that a person has. */
export function closeForm(number: number): Html {
  return html`<form method="post" action="/api/v1/incidents/${number}/close">
    <label>What was done <input name="says" required maxlength="${longestReason}" autocomplete="off" /></label>
    <div class="buttons"><button>Close it</button></div>
  </form>`
}

/** Lets a paused investigation use more; sent twice it counts once. */
export function budgetForm(number: number): Html {
  return html`<form method="post" action="/api/v1/incidents/${number}/budget">
    <input type="hidden" name="id" value="${newId('lift')}" />
    <label>Dollars more <input name="dollars" required inputmode="decimal" value="1" autocomplete="off" /></label>
    <label>Why <input name="reason" maxlength="${longestReason}" autocomplete="off" /></label>
    <div class="buttons"><button>Let it go on</button></div>
  </form>`
}

type Decide = {
  readonly number: number
  readonly digest: string
  /** Why this person's approval would be refused. */
  readonly mayNot: string | null
  readonly undo: boolean
}

/** The decision on exactly one plan: its digest is in the address, the form's nonce is the decision's id. */
export function decisionForm({ number, digest, mayNot, undo }: Decide): Html {
  return html`<div class="bar" data-plan="${digest}">
    ${mayNot === null ? '' : html`<p class="need-text">You can’t approve this: ${mayNot}</p>`}
    <form method="post" id="decide" action="/api/v1/plans/${digest}/decisions">
      <input type="hidden" name="id" value="${newId('dec')}" />
      ${mayNot === null ? html`<button class="primary" name="verdict" value="approve">Approve once</button>` : ''}
      <button name="verdict" value="reject">Reject</button>
      <button name="verdict" value="take-over">I’ll take over</button>
    </form>
    <div class="more">
      ${undo ? '' : askMoreForm(digest)}
      <details data-key="more">
        <summary>More</summary>
        <label>Say why <input form="decide" name="reason" maxlength="${longestReason}" autocomplete="off" /></label>
        ${snoozeForm(number)}
        <form method="post" action="/api/v1/stop" class="buttons">
          <button class="danger">Stop all changes</button>
        </form>
        <p><a href="/incidents/${number}/hand-over">What to type yourself</a></p>
      </details>
    </div>
  </div>`
}

/** Fresh evidence, and what is planned from it asks anew. */
function askMoreForm(digest: string): Html {
  return html`<form method="post" action="/api/v1/plans/${digest}/ask-more"><button>Ask for more</button></form>`
}

/** Only the reminder: what waits still expires when it would have. */
export function snoozeForm(number: number): Html {
  return html`<form method="post" action="/api/v1/incidents/${number}/snooze" class="buttons">
    <button name="minutes" value="10">Snooze 10 min</button>
    <button name="minutes" value="30">Snooze 30 min</button>
  </form>`
}

export function logoutForm(): Html {
  return html`<form method="post" action="/api/v1/logout">
    <div class="buttons"><button>Log out here</button></div>
  </form>`
}

/** A new person, another role or team, or another code for one who is known. */
export function inviteForm(): Html {
  return html`<form method="post" action="/api/v1/people" class="card act">
    <label
      >Name <input name="name" required maxlength="63" autocomplete="off" autocapitalize="none" spellcheck="false"
    /></label>
    <label
      >Role
      <select name="role">
        <option>approver</option>
        <option>viewer</option>
        <option>admin</option>
      </select></label
    >
    <label
      >Team <input name="team" value="default" required maxlength="63" autocomplete="off" autocapitalize="none"
    /></label>
    <p class="muted">For a name that is here already it changes role and team, and makes another code.</p>
    <div class="buttons"><button class="primary">Make a one-time code</button></div>
  </form>`
}

/** Two presses, as for everything that can't be taken back. */
export function removeForm(name: string): Html {
  return html`<details data-key="remove-${name}">
    <summary>Remove</summary>
    <form method="post" action="/api/v1/people/${name}/remove">
      <button class="danger">Remove ${name}: every login ends now</button>
    </form>
  </details>`
}

/** Takes a host out of reach, or gives it back. */
export function quarantineForm(host: string, quarantined: boolean): Html {
  const [word, act, why] = quarantined
    ? ['Release', 'release', 'What was checked']
    : ['Quarantine', 'quarantine', 'Why']
  return html`<details data-key="quarantine-${host}">
    <summary>${word}</summary>
    <form method="post" action="/api/v1/hosts/${host}/${act}">
      <p class="muted">
        ${quarantined ? 'It may be changed again, each change under its rules.' : 'Nothing changes on it until a person releases it; looking goes on.'}
      </p>
      <label>${why} <input name="says" required maxlength="${longestReason}" autocomplete="off" /></label>
      <div class="buttons"><button class="${quarantined ? '' : 'danger'}">${word} ${host}</button></div>
    </form>
  </details>`
}

/** `to`: the page that was asked for. */
export function loginForm(to: string): Html {
  return html`<form method="post" action="/api/v1/login" class="card act">
    <input type="hidden" name="to" value="${to}" />
    <label
      >One-time code
      <input name="code" required autocomplete="one-time-code" autocapitalize="none" spellcheck="false" maxlength="64"
    /></label>
    <button class="primary">Log in</button>
  </form>`
}
