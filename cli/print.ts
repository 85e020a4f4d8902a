// What commands put on the standard output: data for programs or a table for people. Everything else goes to the
// standard error output.
import { type Command, Option } from 'commander'
import { stringify } from 'yaml'

/** `jsonl`: one JSON object a line, of a list one for each of its things; `none`: the exit code says it. */
const formats = ['table', 'json', 'jsonl', 'yaml', 'none'] as const
export type Format = (typeof formats)[number]

/** The options that every command has which asks a running Millwright. */
export type ClientOptions = { readonly data?: string; readonly output: Format }

export function withClientOptions(command: Command): Command {
  return withOutput(command.option('--data <dir>', 'the data folder of the running Millwright'))
}

/** The only way in which a command declares its form of output: any other form is a usage error. */
export function withOutput(command: Command, choices: readonly string[] = formats): Command {
  return command.addOption(new Option('-o, --output <format>', 'form of the data').choices(choices).default(choices[0]))
}

/** Prints data in the form that was asked for. `table` is only called for people; `lines` are the things of a list. */
export function print(format: Format, data: unknown, table: () => string, lines?: readonly unknown[]): void {
  if (format === 'none') return
  const things = lines ?? (Array.isArray(data) ? data : [data])
  if (format === 'jsonl' && things.length === 0) return
  process.stdout.write(`${harmless(rendered(format, format === 'jsonl' ? things : data, table)).trimEnd()}\n`)
}

function rendered(format: Exclude<Format, 'none'>, data: unknown, table: () => string): string {
  switch (format) {
    case 'json':
      return JSON.stringify(data)
    case 'jsonl':
      return Array.isArray(data) ? data.map((thing) => JSON.stringify(thing)).join('\n') : JSON.stringify(data)
    case 'yaml':
      return stringify(data)
    case 'table':
      return table()
  }
}

/** A sentence for whoever watches; never part of the data. */
export function say(text: string): void {
  process.stderr.write(`${harmless(text)}\n`)
}

/** Columns of equal width, one row a line; cells are cut at `widest` characters. */
export function columns(head: readonly string[], rows: readonly (readonly string[])[], widest = 80): string {
  const all = [head.map((title) => title.toUpperCase()), ...rows].map((row) => row.map((cell) => oneLine(cell, widest)))
  const widths = head.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)))
  return all
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function oneLine(text: string, widest: number): string {
  const line = text.replaceAll(/(?!\n)[\p{Cc}\p{Cf}]/gu, '\ufffd')
  return line.length <= widest ? line : `${line.slice(0, widest - 1)}…`
}

/**
 * Alerts and hosts wrote some of this text; none of it may speak to the terminal or change the direction of reading.
 */
export function harmless(text: string): string {
  return text.replaceAll(/(?!\n)[\p{Cc}\p{Cf}]/gu, '\ufffd')
}
