// What a source says. Labels identify, annotations describe; all of it is untrusted text even when it was signed.

export type Labels = Readonly<Record<string, string>>

export type Alert = {
  readonly status: 'firing' | 'resolved'
  readonly labels: Labels
  readonly annotations: Labels
  /** ISO 8601, UTC. */
  readonly startsAt: string
  /** ISO 8601, UTC; null while it fires (Alertmanager writes year 1 then). */
  readonly endsAt: string | null
  /** The source's identity of the label set; for Alertmanager FNV-1a 64 of the sorted labels, 16 hex digits. */
  readonly fingerprint: string
  /** Where the source says one can look at it; shown as a link only when it is http(s). */
  readonly link: string | null
}

/**
 * Our own alerts carry this label; sources drop alerts that have it, so that no notification comes back as an incident.
 */
export const ownAlertLabel = 'millwright'

/** The rule's name, or what stands for it. */
export function alertName(alert: Alert): string {
  return alert.labels['alertname'] ?? 'unnamed alert'
}
