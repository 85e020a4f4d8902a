// The alert's own expression, drawn: when it went wrong, when we acted, when it was well again.
import { html } from 'hono/html'
import type { HistoryQuestion, RuleHistory } from '../../domain/history.ts'
import type { IncidentView, StoryEntry } from '../../domain/telling/view.ts'
import { exactClock, type Html, type Look } from './parts.ts'

const width = 620
const height = 130
const top = 26
const bottom = 116
/** How much of the time before and after is shown, milliseconds. */
const before = 60_000
const after = 20_000
/** Longer incidents are drawn from here before their last moment. */
const longest = 6 * 3_600_000

/** What to ask the metrics; null when the incident holds no alert. */
export function historyQuestion(incident: IncidentView, now: Date): HistoryQuestion | null {
  const [alert] = incident.alerts
  if (alert === undefined) return null
  const end =
    incident.closedAt === null ? now.getTime() : Math.min(now.getTime(), Date.parse(incident.closedAt) + after)
  const start = Math.max(Date.parse(incident.openedAt) - before, end - longest)
  return {
    alert: alert.name,
    labels: alert.labels,
    from: new Date(start).toISOString(),
    to: new Date(end).toISOString(),
  }
}

/** Null when there is nothing to draw. */
export function chart(history: RuleHistory | null, incident: IncidentView, look: Look): Html | null {
  const points = history?.points.filter(([, value]) => Number.isFinite(value)) ?? []
  const [first, last] = [points[0], points.at(-1)]
  if (history === null || first === undefined || last === undefined || first[0] === last[0]) return null
  const [x, y] = [scale([first[0], last[0]], [8, width - 8]), scale(span(history, points), [bottom, top])]
  const marks = marksOf(incident).filter((mark) => mark.at >= first[0] && mark.at <= last[0])
  const line = points.map(([at, value], index) => segment(x(at), y(value), index === 0)).join('')
  const says = `${history.expression}, from ${say(first[1])} to ${say(last[1])}`
  return html`<figure class="card chart">
    <figcaption><code>${history.expression}</code>${fires(history)}</figcaption>
    <svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${says}">
      ${levels(points).map((level) => horizontal(level, y(level)))}
      ${history.threshold === null ? '' : html`<path class="limit" d="M8 ${y(history.threshold.value)}H${width - 8}" />`}
      ${marks.map((mark) => html`<path class="mk ${mark.tone}" d="M${x(mark.at)} ${top - 12}V${bottom + 6}" />`)}
      <path class="line" d="${line}" />
    </svg>
    <p class="ends">
      <small>${exactClock(iso(first[0]), look)}</small>
      <small>${exactClock(iso(last[0]), look)}</small>
    </p>
    <p class="ends keys">
      ${marks.map((mark) => html`<small class="key ${mark.tone}">${mark.word} ${exactClock(iso(mark.at), look)}</small>`)}
    </p>
  </figure>`
}

function iso(at: number): string {
  return new Date(at).toISOString()
}

function fires({ threshold }: RuleHistory): Html | string {
  return threshold === null ? '' : html` <small>fires when ${threshold.op} ${say(threshold.value)}</small>`
}

function scale([a, b]: readonly [number, number], [to, end]: readonly [number, number]): (value: number) => number {
  const range = b - a === 0 ? 1 : b - a
  return (from) => Math.round((to + ((from - a) / range) * (end - to)) * 10) / 10
}

/** Values hold until the next one. */
function segment(x: number, y: number, first: boolean): string {
  return first ? `M${x} ${y}` : `H${x}V${y}`
}

/** From the least to the greatest, with the threshold among them. */
function span({ threshold }: RuleHistory, points: RuleHistory['points']): readonly [number, number] {
  const values = [...points.map(([, one]) => one), ...(threshold === null ? [] : [threshold.value])]
  const [least, most] = [Math.min(...values), Math.max(...values)]
  return least === most ? [least - 1, most + 1] : [least, most]
}

/** The greatest and the least. */
function levels(points: RuleHistory['points']): readonly number[] {
  const values = points.map(([, one]) => one)
  return [...new Set([Math.max(...values), Math.min(...values)])]
}

function say(number: number): string {
  return number.toLocaleString('en-GB', { maximumSignificantDigits: 3 })
}

function horizontal(level: number, y: number): Html {
  return html`<path class="grid" d="M8 ${y}H${width - 8}" /><text x="8" y="${y - 5}">${say(level)}</text>`
}

type Mark = { readonly at: number; readonly word: string; readonly tone: 'need' | 'acting' | 'good' }

const words: Readonly<Record<string, Pick<Mark, 'word' | 'tone'>>> = {
  alerted: { word: 'alert', tone: 'need' },
  recovered: { word: 'recovered', tone: 'good' },
}

/** The alert, what was carried out, and recovery; different lines, and the words below say which is which. */
function marksOf(incident: IncidentView): readonly Mark[] {
  const marks = incident.story.flatMap((entry) => {
    if (entry.kind === 'run-ended') return runMark(entry, incident)
    const word = words[entry.kind]
    return word === undefined ? [] : [{ at: Date.parse(entry.at), ...word }]
  })
  return marks.toSorted((one, other) => one.at - other.at)
}

/** Where it began: what it changes is changed before it ends. What never began is no mark: nothing happened then. */
function runMark({ run: id, at: ended }: StoryEntry, { runs, plans }: IncidentView): readonly Mark[] {
  const run = runs.find((one) => one.id === id)
  if (run === undefined || run.outcome?.kind === 'refused') return []
  const at = Date.parse(run.startedAt ?? ended)
  const word = plans.find((plan) => plan.id === run.plan)?.kind === 'undo' ? 'undo' : 'repair'
  return run.outcome?.kind === 'succeeded'
    ? [{ at, word, tone: 'acting' }]
    : [{ at, word: `${word} ${run.outcome?.kind ?? 'under way'}`, tone: 'need' }]
}
