// What happened, entry by entry.
import { html } from 'hono/html'
import { because, namedReasons, short } from '../../domain/telling/story.ts'
import type { Change } from '../../domain/plan.ts'
import type { IncidentView, RunView, StoryEntry } from '../../domain/telling/view.ts'
import { count, duration, precise } from '../../domain/text.ts'
import { leftSays, type Shape, type Tone } from '../../domain/telling/words.ts'
import { checkList, evidenceTable } from './evidence.ts'
import { type Cited, exactClock, type Html, icon, type Look, sentence } from './parts.ts'

/** Longer stories show their last entries. */
const maximumEntries = 60
/** Lines of a run's output that are shown. */
const maximumEvents = 60
/** Signatures that were ruled out, as listed. */
const maximumRuledOut = 40

const marks: Readonly<Record<Tone, Shape>> = { acting: 'dot', good: 'check', need: 'hand', bad: 'cross', plain: 'dot' }

export function story(incident: IncidentView, look: Look): Html {
  const shown = incident.story.slice(-maximumEntries)
  const left = incident.story.length - shown.length
  return html`<h2>What happened</h2>
    ${left === 0 ? '' : html`<p class="muted">${count(left, 'earlier entry', 'earlier entries')}: npx millwright incident show ${incident.number}</p>`}
    <p class="muted">${leftSays(incident.left)}</p>
    <ol class="story">
      ${shown.map((entry) => item(entry, incident, look))}
    </ol>`
}

function item(entry: StoryEntry, incident: IncidentView, look: Look): Html {
  return html`<li>
    ${time(entry, look)}<span class="mark ${entry.tone}">${icon(marks[entry.tone])}</span>
    <div>
      <p>${sentence(entry.says, look)}</p>
      ${entry.more.map((line) => html`<p>${sentence(line, look, citedIn(incident))}</p>`)}
      ${details(entry, incident, look)}
    </div>
  </li>`
}

/** The row of the page that tells it; where it is not listed, its whole answer. */
function citedIn({ number, evidence, story: entries }: IncidentView): Cited {
  const rounds = new Set(entries.slice(-maximumEntries).map(({ round }) => round))
  return ({ label, evidence: id }) => {
    const listed = evidence.some((one) => one.label === label && rounds.has(one.round))
    return listed ? `#${label}` : `/incidents/${number}/evidence/${id}`
  }
}

function time(entry: StoryEntry, look: Look): Html {
  if (entry.after === 0) return exactClock(entry.at, look)
  return html`<time datetime="${entry.at}" title="${entry.at}">+${precise(entry.after)}</time>`
}

function details(entry: StoryEntry, incident: IncidentView, look: Look): Html {
  return html`${saw(entry, incident)}${checked(entry)}${ruledOut(entry)}${preview(entry)}${ran(entry, incident, look)}`
}

function saw(entry: StoryEntry, incident: IncidentView): Html | string {
  if (entry.kind !== 'looked') return ''
  const round = incident.evidence.filter((one) => one.round === entry.round && entry.evidence.includes(one.id))
  if (round.length === 0)
    return entry.evidence.length === 0 ? '' : html`<p class="muted">Its answers are not listed.</p>`
  const last = incident.story.findLast((one) => one.kind === 'looked')?.sequence === entry.sequence
  const labels = incident.story.some((one) => one.kind === 'turn')
  return html`<details data-key="saw-${entry.sequence}" ${last ? html` open` : ''}>
    <summary>What it saw</summary>
    ${evidenceTable({ number: incident.number, labels }, round)}
  </details>`
}

function checked({ sequence, checks }: StoryEntry): Html | string {
  if (checks.length === 0) return ''
  return html`<details data-key="checks-${sequence}">
    <summary>${count(checks.length, 'check')}</summary>
    ${checkList(checks)}
  </details>`
}

function ruledOut({ sequence, not }: StoryEntry): Html | string {
  if (not.length <= namedReasons) return ''
  return html`<details data-key="not-${sequence}">
    <summary>Why not the others</summary>
    <ul class="list">
      ${not.slice(0, maximumRuledOut).map(
        (one) =>
          html`<li>
            <span><code>${one.playbook}</code> ${one.signature}: ${because(one)}</span>
          </li>`,
      )}
    </ul>
    ${not.length > maximumRuledOut ? html`<p class="muted">and ${count(not.length - maximumRuledOut, 'more', 'more')}</p>` : ''}
  </details>`
}

function preview({ sequence, preview: changes }: StoryEntry): Html | string {
  if (changes.length === 0) return ''
  return html`<details data-key="preview-${sequence}">
    <summary>What it changes</summary>
    ${changeList(changes)}
  </details>`
}

/**
 * Each change with everything that it touches, for that is what a person approves: probes list a hundred at most. What
 * can't be undone says so.
 */
export function changeList(changes: readonly Change[]): Html {
  return html`<ul class="list">
    ${changes.map(
      (change) =>
        html`<li>
          <span
            >${change.says}${change.reversible ? '' : html` · <span class="need-text">cannot be undone</span>`}
            ${
              change.items.length === 0
                ? ''
                : html`<ul>
                    ${change.items.map((path) => html`<li><code>${String(path)}</code></li>`)}
                  </ul>`
            }
          </span>
        </li>`,
    )}
  </ul>`
}

function ran(entry: StoryEntry, incident: IncidentView, look: Look): Html | string {
  const run = incident.runs.find((one) => one.id === entry.run)
  const last = incident.story.findLast((one) => one.run !== null && one.run === entry.run)
  if (run === undefined || run.events.length === 0 || last?.sequence !== entry.sequence) return ''
  const live = run.endedAt === null
  return html`<details data-key="run-${run.id}" ${live ? html` open` : ''}>
    <summary>Ansible, ${live ? 'live ' : ''}output</summary>
    ${runEvents(run, look)}
  </details>`
}

function runEvents(run: RunView, look: Look): Html {
  const start = run.startedAt ?? run.events[0]?.at ?? look.now.toISOString()
  const left = run.left + Math.max(0, run.events.length - maximumEvents)
  return html`${left === 0 ? '' : html`<p class="muted">${count(left, 'earlier line')} not shown</p>`}
    <ol class="events">
      ${run.events
        .slice(-maximumEvents)
        .map(
          (event) =>
            html`<li class="${event.tone}">+${duration(Date.parse(event.at) - Date.parse(start))} ${event.says}</li>`,
        )}
    </ol>`
}

/** `Plan 9f3c…a1`, the whole digest on hover. */
export function planName(digest: string): Html {
  return html`<code title="${digest}">${short(digest)}</code>`
}
