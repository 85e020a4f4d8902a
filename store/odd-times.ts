// Times that alerts claim and that can't be: kept as they came, for they tell one episode from the next, and said.
import type { Incoming } from './inbox-place.ts'

/** Clocks of senders differ from ours by less than this, seconds. */
const toleratedAheadSeconds = 300
/** What began longer ago than incidents are kept is said, too. */
const longAgoDays = 400
const dayMilliseconds = 86_400_000

/** A sentence for people about the times of a delivery, measured by our clock; empty when there is nothing to say. */
export function oddTimesSays({ alerts, receivedAt }: Incoming): string {
  const ahead = alerts.map(({ alert }) => Date.parse(alert.startsAt) - receivedAt.getTime())
  const future = ahead.filter((milliseconds) => milliseconds > toleratedAheadSeconds * 1_000)
  const past = ahead.filter((milliseconds) => milliseconds < -longAgoDays * dayMilliseconds)
  return [
    saidOf(future, 'will begin', 'ahead of our clock; they count from when they arrived'),
    saidOf(past, 'began', 'ago'),
  ].join('')
}

function saidOf(differences: readonly number[], verb: string, how: string): string {
  if (differences.length === 0) return ''
  const largest = differences.reduce((most, one) => Math.max(most, Math.abs(one)), 0)
  const minutes = Math.round(largest / 60_000)
  const span = minutes < 2_880 ? `${minutes} minutes` : `${Math.round(largest / dayMilliseconds)} days`
  return ` By their sender, ${differences.length} of its alerts ${verb} up to ${span} ${how}.`
}
