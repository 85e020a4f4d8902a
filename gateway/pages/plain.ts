// Login, and the pages for what went wrong: cause, next step, code.
import { html } from 'hono/html'
import type { Problem } from '../problem.ts'
import { loginForm } from './forms.ts'
import type { Page } from './layout.ts'

/** `to`: a path of ours that was asked for before. `wrong`: why the last try counted for nothing. */
export function loginPage(to: string, wrong: Problem | null = null): Page {
  const body = html`<h1>Log in</h1>
    ${wrong === null ? '' : html`<p class="notice bad" role="alert"><b>${wrong.message}</b> ${wrong.hint}</p>`}
    <p class="muted">
      Millwright printed a one-time code when it started on a terminal. It counts once, for ten
      minutes.${to === '/' ? '' : ' Then you go on to what you asked for.'}
    </p>
    <br />
    ${loginForm(to)}
    <p class="muted">
      No code at hand? An admin can hand one out. On Millwright’s own machine, as the user that it runs as:
      <code>npx millwright person invite NAME --role admin</code>
    </p>`
  return { title: 'Log in', here: null, body }
}

const headings: Readonly<Record<number, string>> = {
  401: 'Log in first',
  403: 'Not allowed',
  404: 'There is nothing here',
  409: 'Too late',
  429: 'Too many at once',
  503: 'Not available right now',
}

/** `login`: where the login leads on from, for whoever has to log in. */
export function problemPage(problem: Problem, status: number, login: string): Page {
  const heading = headings[status] ?? 'Something went wrong'
  const body = html`<h1 data-says>${heading}</h1>
    <p>${problem.message}</p>
    ${problem.hint === null ? '' : html`<p class="muted">${problem.hint}</p>`}
    ${status === 503 ? html`<p class="muted">Nothing is lost: what was recorded goes on when it is back. Load the page again.</p>` : ''}
    <p>
      <small>Code <code>${problem.code}</code></small>
    </p>
    <div class="buttons">
      ${problem.code === 'auth.missing' ? html`<a class="button primary" href="${login}">Log in</a>` : html`<a class="button" href="/">All incidents</a>`}
    </div>`
  return { title: heading, here: null, body }
}
