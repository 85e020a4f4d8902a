// The forms. Each posts to the write API, which answers with a page again; a GET never changes anything.
import { html } from 'hono/html'
import type { SystemStatus } from '../../domain/fleet-view.ts'
import { newId } from '../../runtime/ids.ts'
import type { Html } from './parts.ts'

/** Longest text that a person may give as reason; the write API has the same limit. */
const longestReason = 500

/** `Stop all`, or `Resume` when it is stopped. */
export function stopForm(status: SystemStatus | null): Html {
  const stopped = status !== null && !status.acting
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

/** Ends an incident that a person has. */
export function closeForm(number: number): Html {
  return html`<form method="post" action="/api/v1/incidents/${number}/close">
    <label>What was done <input name="says" required maxlength="${longestReason}" autocomplete="off" /></label>
    <div class="buttons"><button>Close it</button></div>
  </form>`
}

/** The decision on exactly one plan: its digest is in the address, the form's nonce is the decision's id. */
export function decisionForm(digest: string, primary: string): Html {
  return html`<div class="bar">
    <form method="post" action="/api/v1/plans/${digest}/decisions">
      <input type="hidden" name="id" value="${newId('dec')}" />
      <button class="primary" name="verdict" value="approve">${primary}</button>
      <button name="verdict" value="reject">Reject</button>
      <button name="verdict" value="take-over">I’ll take over</button>
      <details>
        <summary>Say why</summary>
        <label>Reason <input name="reason" maxlength="${longestReason}" autocomplete="off" /></label>
      </details>
    </form>
  </div>`
}

export function loginForm(): Html {
  return html`<form method="post" action="/api/v1/login" class="card act">
    <label
      >One-time code
      <input name="code" required autocomplete="one-time-code" autocapitalize="none" spellcheck="false" maxlength="64"
    /></label>
    <button class="primary">Log in</button>
  </form>`
}
