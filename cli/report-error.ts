// How every command ends badly: one shape for people, one for programs, and the exit code of the error's code.
import { inspect } from 'node:util'
import { Failure, failureCode, failureCodes } from '../domain/failure.ts'
import { harmless } from './print.ts'

const causesShown = 5
const causeCharacters = 160

/** Whether the command line asks for JSON on stdout. */
export function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  const own = end === -1 ? args : args.slice(0, end)
  return own.some((arg, at) => {
    if (/^(-o|--output=)jsonl?$/.test(arg)) return true
    return (arg === '-o' || arg === '--output') && /^jsonl?$/.test(own[at + 1] ?? '')
  })
}

/** Prints an error and returns the exit code that belongs to it. */
export function reportError(error: unknown, json: boolean): number {
  const code = failureCode(error)
  const message = error instanceof Error ? error.message : String(error)
  const hint = error instanceof Failure ? error.hint : undefined
  if (json) process.stdout.write(harmless(`${JSON.stringify({ error: { code, message, hint: hint ?? null } })}\n`))
  process.stderr.write(harmless(forPeople(error, { code, message, hint })))
  return failureCodes[code].exit
}

type Said = { readonly code: string; readonly message: string; readonly hint: string | undefined }

function forPeople(error: unknown, { code, message, hint }: Said): string {
  const lines = [`millwright: ${message} [${code}]`]
  for (const cause of causesOf(error)) lines.push(`  because: ${cause}`)
  if (hint !== undefined) lines.push(`  ${hint}`)
  if (code === 'bug') {
    lines.push('  This is a defect of Millwright. Where it happened:')
    if (error instanceof Error && error.stack !== undefined) lines.push(...error.stack.split('\n').slice(1, 9))
  }
  return `${lines.join('\n')}\n`
}

function causesOf(error: unknown): readonly string[] {
  const causes: string[] = []
  let cause = error instanceof Error ? error.cause : undefined
  while (cause !== undefined && causes.length < causesShown) {
    causes.push(
      cause instanceof Error ? oneLine(cause.message) : inspect(cause, { breakLength: Number.POSITIVE_INFINITY }),
    )
    cause = cause instanceof Error ? cause.cause : undefined
  }
  return causes
}

/** A schema's own report is a page of JSON; the sentence before it has named the place. */
function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length <= causeCharacters ? line : `${line.slice(0, causeCharacters - 1)}…`
}
