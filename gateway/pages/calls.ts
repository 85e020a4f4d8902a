// What left for models: when, to whom, how much, and what it came to.
import { html } from 'hono/html'
import type { CallView } from '../../domain/telling/model-view.ts'
import { bytes, count, dollars, listed } from '../../domain/text.ts'
import { clock, type Html, type Look } from './parts.ts'

/** As much of a digest as tells one call from another. */
const shortDigest = 12

export function calls(all: readonly CallView[], look: Look): Html {
  if (all.length === 0) return html`not used`
  const sum = (of: (call: CallView) => number): number => all.reduce((total, call) => total + of(call), 0)
  const outside = all.filter(({ to }) => to !== '').reduce((total, call) => total + call.bytes, 0)
  return html`<details data-key="calls">
    <summary>
      ${count(all.length, 'call')}, ${dollars(sum((call) => call.dollars))} ${pricesOf(all)}, ${bytes(outside)} sent
    </summary>
    ${all.map((call) => line(call, look))}
  </details>`
}

/** Whose prices its dollars are. */
function pricesOf(all: readonly CallView[]): string {
  const lists = [...new Set(all.map(({ pricedBy }) => pricedBy))]
  return `by ${listed(lists.map((list) => (list === 'config' ? 'the config' : `the price list of ${list}`)))}`
}

function line({ at, to, bytes: size, digest, model, tokens, dollars: amount, state }: CallView, look: Look): Html {
  const became = state === 'answered' ? '' : state === 'failed' ? ', failed' : ', at most'
  return html`<small
      >${clock(at, look)} ${bytes(size)} to ${to === '' ? 'nobody outside' : to},
      <code title="${digest}">${digest.slice(0, shortDigest)}</code>, ${model}: ${count(tokens, 'token')},
      ${dollars(amount)}${became}</small
    ><br />`
}
