// What was seen: facts as a table, raw excerpts one click away.
import { html } from 'hono/html'
import { factName, factSays, requestSays } from '../../domain/seen.ts'
import type { Check } from '../../domain/timeline.ts'
import type { EvidenceView } from '../../domain/view.ts'
import { count } from '../../domain/words.ts'
import { type Html, icon } from './parts.ts'

/** Excerpts on the page are heads; the whole answer has an address of its own. */
const excerptLines = 6
const excerptLength = 480
/** Facts of one answer in the table. */
const maximumFacts = 16
/** With more answers than this only the table stands on the page. */
const excerpts = 12

/** One round of evidence. */
export function evidenceTable(number: number, round: readonly EvidenceView[]): Html {
  const raw = round.filter((one) => one.seen.status === 'ok' && one.seen.excerpt.trim() !== '')
  return html`<table class="facts">
      <tbody>
        ${round.map((one) => row(one))}
      </tbody>
    </table>
    ${raw.slice(0, excerpts).map((one) => excerpt(number, one))}`
}

function row({ request, seen }: EvidenceView): Html {
  const said =
    seen.status === 'failed'
      ? html`<span class="bad-text">${icon('cross')} not seen</span>: ${seen.says}`
      : html`${Object.entries(seen.facts)
          .slice(0, maximumFacts)
          .map(([name, value], at) => html`${at === 0 ? '' : ', '}${factName(name)} <b>${factSays(name, value)}</b>`)}`
  return html`<tr>
    <th scope="row">${requestSays(request)}</th>
    <td>${said}</td>
  </tr>`
}

function excerpt(number: number, { id, request, seen }: EvidenceView): Html | string {
  if (seen.status !== 'ok') return ''
  const lines = seen.excerpt.trimEnd().split('\n')
  const head = lines.slice(0, excerptLines).join('\n').slice(0, excerptLength)
  const whole = head.length === seen.excerpt.trimEnd().length
  const says = `${requestSays(request)}${seen.truncated ? ', cut on the host' : ''}`
  return html`<details data-key="${id}">
    <summary>Raw: ${says}</summary>
    <pre class="raw" tabindex="0">${head}</pre>
    <p class="muted">
      ${whole ? '' : `First of ${count(lines.length, 'line')}. `}<a href="/incidents/${number}/evidence/${id}"
        >Whole answer</a
      >
    </p>
  </details>`
}

/** Checks with what was seen; word, shape and colour say how each stands. */
export function checkList(checks: readonly Check[]): Html {
  const words = { holds: 'check', fails: 'cross', unknown: 'question' } as const
  return html`<ul class="checks">
    ${checks.map(
      (check) =>
        html`<li class="${check.answer === 'holds' ? '' : 'bad'}">
          ${icon(words[check.answer])}<span
            >${check.answer === 'holds' ? '' : `${check.answer}: `}${check.says}${check.observed === '' ? '' : html` <small>(${check.observed})</small>`}</span
          >
        </li>`,
    )}
  </ul>`
}
