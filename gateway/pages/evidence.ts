// What was seen: facts as a table, raw excerpts one click away.
import { html } from 'hono/html'
import { factName, factSays, seenFacts } from '../../domain/telling/seen.ts'
import { requestSays } from '../../domain/evidence.ts'
import type { Check } from '../../domain/timeline.ts'
import type { EvidenceView } from '../../domain/telling/view.ts'
import { count } from '../../domain/text.ts'
import { type Html, icon } from './parts.ts'

/** Excerpts on the page are heads; the whole answer has an address of its own. */
const excerptLines = 6
const excerptLength = 480
/** Answers that stand first; the others are one click away. */
const firstAnswers = 6
const firstExcerpts = 3
/** Answers of one round that are listed at all. */
const maximumAnswers = 60
/** Facts of one answer in the table. */
const maximumFacts = 5

/** `labels`: a model was asked, who cites evidence by them. */
type Of = { readonly number: number; readonly labels: boolean }

/** One round of evidence: first what the decision rests on. */
export function evidenceTable({ number, labels }: Of, round: readonly EvidenceView[]): Html {
  const ordered = round.slice(0, maximumAnswers)
  const [first, others] = [ordered.slice(0, firstAnswers), ordered.slice(firstAnswers)]
  const raw = first.filter((one) => one.seen.status === 'ok' && one.seen.excerpt.trim() !== '')
  const hosts = new Set(round.map(({ host }) => host)).size > 1
  const listing = (answers: readonly EvidenceView[]) => table(answers, { number, labels, hosts })
  return html`${listing(first)}${raw.slice(0, firstExcerpts).map((one) => excerpt(number, one))}
  ${
    others.length === 0
      ? ''
      : html`<details data-key="rest-${round[0]?.round ?? 0}">
          <summary>${count(others.length, 'more answer')}</summary>
          ${listing(others)}
        </details>`
  }${round.length > maximumAnswers ? html`<p class="muted">${count(round.length - maximumAnswers, 'more answer')} not listed here</p>` : ''}`
}

/** `hosts`: it tells of more than one. */
type Shown = Of & { readonly hosts: boolean }

function table(answers: readonly EvidenceView[], shown: Shown): Html {
  return html`<table class="facts">
    <tbody>
      ${answers.map((one) => row(one, shown))}
    </tbody>
  </table>`
}

function row({ id, label, host, request, seen }: EvidenceView, { number, labels, hosts }: Shown): Html {
  const asked = html`${requestSays(request)}${hosts ? ` on ${host}` : ''}${labels ? html` <small>${label}</small>` : ''}`
  const link = html`<a href="/incidents/${number}/evidence/${id}">raw</a>`
  if (seen.status === 'failed') {
    const says = html`<span class="bad-text">${icon('cross')} not seen</span>: ${seen.says}`
    return html`<tr id="${label}">
      <th scope="row">${asked}</th>
      <td>${says}</td>
    </tr>`
  }
  const facts = seenFacts(seen.facts)
  const said = facts
    .slice(0, maximumFacts)
    .map(([name, value], at) => html`${at === 0 ? '' : ', '}${factName(name)} <b>${factSays(name, value)}</b>`)
  const left = facts.length - said.length
  return html`<tr id="${label}">
    <th scope="row">${asked}</th>
    <td>${said}${left > 0 ? `, ${count(left, 'more fact')}` : ''} · ${link}</td>
  </tr>`
}

function excerpt(number: number, { id, request, seen }: EvidenceView): Html | string {
  if (seen.status !== 'ok') return ''
  const lines = seen.excerpt.trimEnd().split('\n')
  const head = lines.slice(0, excerptLines).join('\n').slice(0, excerptLength)
  const whole = head.length === seen.excerpt.trimEnd().length
  const says = `${requestSays(request)}${seen.truncated ? ', cut on the host' : ''}`
  const more = whole ? '' : `First of ${count(lines.length, 'line')}. `
  return html`<details data-key="${id}">
    <summary>Excerpt, ${says}</summary>
    <pre class="raw" tabindex="0">${head}</pre>
    <p class="muted">${more}<a href="/incidents/${number}/evidence/${id}">Whole answer</a></p>
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
