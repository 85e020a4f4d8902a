// Logs: JSON lines for machines, plain lines on a terminal. `error`: we must act; `warn`: look weekly; `info`: one line
// a transition.
import { fstatSync, writeSync } from 'node:fs'
import { pino, type DestinationStream, type Logger } from 'pino'

const levels: Readonly<Record<number, string>> = { 30: '', 40: 'warning: ', 50: 'error: ', 60: 'error: ' }

type LoggerOptions = {
  /** Which of our processes speaks. */
  readonly name: string
  /** Takes secrets out of a text; stands on every way into a log. */
  readonly redact: (text: string) => string
  readonly stream: DestinationStream
  /** `lines`: sentences for people; `json`: everything. */
  readonly style: 'json' | 'lines'
}

/** A logger whose every line has passed redaction. */
export function createLogger({ name, redact, stream, style }: LoggerOptions): Logger {
  const write = style === 'json' ? (line: string) => line : sentence
  return pino(
    { name, base: { name }, timestamp: pino.stdTimeFunctions.isoTime, serializers: { error: pino.stdSerializers.err } },
    { write: (line: string) => stream.write(write(redact(line))) },
  )
}

/**
 * Where lines of this process go, by descriptor. A file that takes no more, on a full disk, costs the line and not the
 * process; later lines are written again.
 */
export function logStream(descriptor: 1 | 2): DestinationStream {
  // Node's own stream for a file ends at its first fault.
  if (!fstatSync(descriptor).isFile()) return descriptor === 1 ? process.stdout : process.stderr
  return {
    write: (line) => {
      try {
        writeSync(descriptor, line)
      } catch {
        // There is nowhere to say it.
      }
    },
  }
}

/** The message, and what went wrong in one line; fields are in the log file. Whoever logs never fails because of it. */
function sentence(line: string): string {
  const parsed = entryOf(line)
  if (typeof parsed !== 'object' || parsed === null || !('msg' in parsed)) return line
  const level = 'level' in parsed && typeof parsed.level === 'number' ? (levels[parsed.level] ?? '') : ''
  const error = 'error' in parsed ? parsed.error : undefined
  const why = typeof error === 'object' && error !== null && 'message' in error ? ` ${String(error.message)}` : ''
  return `${level}${String(parsed.msg)}${why}\n`
}

function entryOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return line
  }
}
