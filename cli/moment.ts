// How commands write a moment for people. What programs read is always ISO 8601 in UTC.
import { type Command, Option } from 'commander'
import { duration } from '../domain/text.ts'

const forms = ['relative', 'absolute', 'utc'] as const
/** `relative`: how long ago; `absolute`: in this machine's time zone; `utc`: as it is kept. */
type TimeForm = (typeof forms)[number]
export type TimeOptions = { readonly time: TimeForm }

export function withTime(command: Command): Command {
  return command.addOption(new Option('--time <form>', 'form of moments in tables').choices(forms).default('utc'))
}

/** Writes moments (ISO 8601) in the form that was asked for. */
export function momentIn(form: TimeForm, now: Date = new Date()): (iso: string) => string {
  return (iso) => {
    const at = new Date(iso)
    if (form === 'utc') return `${at.toISOString().slice(0, 19)}Z`
    if (form === 'absolute') return local(at)
    const ago = now.getTime() - at.getTime()
    return ago < 0 ? `in ${duration(-ago)}` : `${duration(ago)} ago`
  }
}

/** `2026-11-21 10:04:05 +01:00`. */
function local(at: Date): string {
  const minutes = -at.getTimezoneOffset()
  const shifted = new Date(at.getTime() + minutes * 60_000).toISOString()
  const two = (number: number): string => String(Math.floor(Math.abs(number))).padStart(2, '0')
  const offset = `${minutes < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`
  return `${shifted.slice(0, 10)} ${shifted.slice(11, 19)} ${offset}`
}
