// What of a delivery is kept: its body, its group and its alerts, with secrets taken out. Redaction costs more than
// everything else at this door, so a text is looked through once where once is enough.
import type { Alert, Labels } from '../domain/alert.ts'
import { normaliseText, redactJson, redactText } from '../runtime/redaction.ts'
import { bodyKept } from '../store/deliveries.ts'

/** Characters of other texts that are kept. They are cut once their secrets are out: half of one is not recognised. */
const kept = { label: 2_048, annotation: 4_096, groupKey: 8_192 } as const

/** A secret that begins before the cut is seen whole, or is cut away with what follows. */
const beyondTheCut = 4_096

/** Nothing that hides: printable ASCII and line breaks, and no escaped character that stands for another one. */
const plain = /^[\t\n\r\x20-\x7E]*$/
const escaped = /\\[u/]/

export type SafeDelivery = {
  readonly body: string
  readonly groupKey: string
  readonly alerts: readonly Alert[]
}

/** The body as it is kept, cut. */
export function redactBody(text: string): string {
  return redactText(unescaped(text.slice(0, bodyKept + beyondTheCut))).slice(0, bodyKept)
}

/**
 * JSON may write any letter as a number; here each stands for itself, so that nothing hides, and what was JSON still is
 * once its control characters are taken out.
 */
function unescaped(text: string): string {
  if (!escaped.test(text)) return text
  return text.replaceAll(/\\(?:u([0-9A-Fa-f]{4})|.)/gs, (whole: string, digits?: string) => {
    if (digits === undefined) return whole === '\\/' ? '/' : whole
    const character = String.fromCharCode(Number.parseInt(digits, 16))
    if (character === '"' || character === '\\') return `\\${character}`
    return /[\t\n\r]/.test(character) ? String.raw`\n` : character
  })
}

/**
 * Body, group and alerts as they are kept. What alerts are compared by (fingerprint, times) is not text of theirs and
 * stays.
 */
export function redactDelivery(text: string, parsed: Pick<SafeDelivery, 'groupKey' | 'alerts'>): SafeDelivery {
  const { body, groupKey, alerts } = redacted(text, parsed)
  return { body, groupKey: groupKey.slice(0, kept.groupKey), alerts: alerts.map(cut) }
}

function cut(alert: Alert): Alert {
  const [labels, annotations] = [cutTexts(alert.labels, kept.label), cutTexts(alert.annotations, kept.annotation)]
  return labels === alert.labels && annotations === alert.annotations ? alert : { ...alert, labels, annotations }
}

function cutTexts(texts: Labels, longest: number): Labels {
  if (Object.values(texts).every((text) => text.length <= longest)) return texts
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, text.slice(0, longest)]))
}

function redacted(text: string, { groupKey, alerts }: Pick<SafeDelivery, 'groupKey' | 'alerts'>): SafeDelivery {
  const body = redactBody(text)
  // They are parts of a text in which nothing was found and nothing can hide.
  if (plain.test(text) && body === text && !escaped.test(text)) return { body, groupKey, alerts }
  return { body, groupKey: redactText(groupKey), alerts: redactAlerts(alerts) }
}

/** Where in a payload something stands, as people may read it: its parts are names that strangers chose. */
export function redactPointer(pointer: string): string {
  return pointer.split('/').map(redactName).join('/')
}

function redactName(part: string): string {
  const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
  const safe = redactText(name)
  return safe === name ? part : safe
}

function redactAlerts(alerts: readonly Alert[]): readonly Alert[] {
  const texts = alerts.map(({ labels, annotations }) => ({ labels: clean(labels), annotations: clean(annotations) }))
  const together = JSON.stringify(texts)
  const found = redactText(together) !== together
  return alerts.map((given, at) => {
    const alert = { ...given, link: safeLink(given.link) }
    const safe = texts[at] ?? { labels: {}, annotations: {} }
    if (!found) return { ...alert, ...safe }
    return { ...alert, labels: redactLabels(safe.labels), annotations: redactLabels(safe.annotations) }
  })
}

/** A link with a secret in it leads nowhere once the secret is taken out. */
function safeLink(link: string | null): string | null {
  return link === null || redactText(link) === link ? link : null
}

function clean(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [cleanText(name), cleanText(value)]))
}

function cleanText(text: string): string {
  return plain.test(text) ? text : normaliseText(text)
}

/** A value is judged together with its name, and names are text of strangers, too. */
function redactLabels(labels: Labels): Labels {
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => {
      const safe = redactJson({ [name]: value })
      const text = typeof safe === 'object' && safe !== null ? Object.values(safe)[0] : undefined
      return [redactText(name), typeof text === 'string' ? text : '']
    }),
  )
}
