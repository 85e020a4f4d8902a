// The small pieces that all pages are made of. Everything that goes into `html` is escaped there.
import { html, raw } from 'hono/html'
import type { Badge, Sentence, Shape, Span } from '../../domain/telling/words.ts'
import { duration } from '../../domain/text.ts'

export type Html = ReturnType<typeof html>

/** When and where a page is looked at. */
export type Look = { readonly now: Date; readonly zone: string }

/** Drawn in a 16 px square with the text's own colour; the word beside it says the same. */
const shapes: Readonly<Record<Shape, string>> = {
  check: '<path d="m3.5 8.5 3 3 6-7"/>',
  clock: '<circle cx="8" cy="8" r="5.6"/><path d="M8 4.8V8l2.2 1.6"/>',
  tool: '<path d="M9.8 3.2a3 3 0 0 0-.7 3.6L3 12.9l.9.9L10 7.7a3 3 0 0 0 3.3-3.9L11.5 5.6 10.2 5.4 10 4.1z"/>',
  eye: '<path d="M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8z"/><circle cx="8" cy="8" r="1.8"/>',
  arrow: '<path d="M3 8h9.5m-4-4 4 4-4 4"/>',
  cross: '<path d="m4 4 8 8m0-8-8 8"/>',
  dot: '<circle cx="8" cy="8" r="3.2"/>',
  question: '<path d="M5.5 6a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.8-1.1 1.5M8 12.2v.2"/>',
  hand: '<circle cx="8" cy="5" r="2.6"/><path d="M3 13.5c.4-2.8 2.2-4.2 5-4.2s4.6 1.4 5 4.2"/>',
}

export function icon(shape: Shape): Html {
  return html`<svg class="i" viewBox="0 0 16 16" aria-hidden="true">${raw(shapes[shape])}</svg>`
}

/** A state: word, shape and colour together. `more` follows the word: the time that is left. */
export function badge({ word, tone, shape }: Badge, more: Html | string = ''): Html {
  return html`<span class="badge ${tone}">${icon(shape)}${word}${more === '' ? '' : html` · ${more}`}</span>`
}

/** Where a piece of evidence is shown. */
export type Cited = (citation: { readonly label: string; readonly evidence: string }) => string

/** A sentence: names in monospace, moments as times, evidence as links where `cited` says whereto. */
export function sentence(parts: Sentence, look: Look, cited?: Cited): Html {
  return html`${parts.map((part) => span(part, look, cited))}`
}

/** Another incident by its number, as a link to it. */
function linked(text: string): Html {
  const parts = text.split(/\b(INC-\d{1,9})\b/)
  return html`${parts.map((part, at) => (at % 2 === 0 ? part : html`<a href="/incidents/${part.slice(4)}">${part}</a>`))}`
}

function span(part: Span, look: Look, cited?: Cited): Html | string {
  if (typeof part === 'string') return part.includes('INC-') ? linked(part) : part
  if ('strong' in part) return html`<b>${part.strong}</b>`
  if ('code' in part) return html`<code>${part.code}</code>`
  if ('label' in part) return cited === undefined ? part.label : html`<a href="${cited(part)}">${part.label}</a>`
  if ('until' in part) return html`<time datetime="${part.until}" data-live="soak">${part.says}</time>`
  return clock(part.at, look)
}

/** `03:22`, or with the day when it is another one; the whole moment on hover. */
export function clock(at: string, look: Look): Html {
  const same = dayOf(at, look.zone) === dayOf(look.now.toISOString(), look.zone)
  const text = format(at, look.zone, { hour: '2-digit', minute: '2-digit' })
  return html`<time datetime="${at}" title="${whole(at, look.zone)}"
    >${same ? text : `${dayOf(at, look.zone)} ${text}`}</time
  >`
}

/** `02:51:04.1` */
export function exactClock(at: string, look: Look): Html {
  const parts = { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 1 } as const
  return html`<time datetime="${at}" title="${whole(at, look.zone)}">${format(at, look.zone, parts)}</time>`
}

/** `6 min ago`, kept true by the script. */
export function ago(at: string, look: Look): Html {
  const text = `${duration(look.now.getTime() - Date.parse(at))} ago`
  return html`<time datetime="${at}" title="${whole(at, look.zone)}" data-live="ago">${text}</time>`
}

/** How long until a moment: `9 min`, counted down by the script. */
export function until(at: string, look: Look): Html {
  const left = Date.parse(at) - look.now.getTime()
  const text = left <= 0 ? 'no time left' : duration(left)
  return html`<time datetime="${at}" title="${whole(at, look.zone)}" data-live="until">${text}</time>`
}

/** How long since a moment, for what still goes on: `11 s`. */
export function since(at: string, look: Look): Html {
  const text = duration(look.now.getTime() - Date.parse(at))
  return html`<time datetime="${at}" title="${whole(at, look.zone)}" data-live="since">${text}</time>`
}

function dayOf(at: string, zone: string): string {
  return format(at, zone, { day: 'numeric', month: 'short' })
}

function whole(at: string, zone: string): string {
  const here = format(at, zone, { dateStyle: 'medium', timeStyle: 'medium' })
  return zone === 'UTC' ? `${here} UTC` : `${here} ${zone} (${at.slice(0, 19).replace('T', ' ')} UTC)`
}

function format(at: string, zone: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone }).format(new Date(at))
}

/** A command to copy. */
export function command(text: string): Html {
  return html`<pre class="cmd" tabindex="0"><code>${text}</code></pre>`
}

/** What stands where nothing is: what to do next, with the command. */
export function empty(says: string, next: string | null = null): Html {
  return html`<div class="empty">
    <p>${says}</p>
    ${next === null ? '' : command(next)}
  </div>`
}
