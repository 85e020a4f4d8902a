// The command line. Each command is one file of this folder, found by its name; only the one that is asked for is
// loaded.
import { readdirSync, readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import { Command, CommanderError, Option } from 'commander'
import { Failure } from '../domain/failure.ts'
import { exitCode, type CliCommand } from './command.ts'
import { addCompletion, completionCommands } from './completion.ts'
import { nearest } from '../domain/nearest.ts'
import { reportError, wantsJson } from './report-error.ts'

/** A file of this folder whose name cannot be a command's, or that exports none, is not a command. */
const commandFile = /^([a-z][a-z-]*)\.ts$/

/** Runs one command line and returns its exit code. `folder` is where the commands are. */
export async function main(args: readonly string[], folder: string = import.meta.dirname): Promise<number> {
  const json = wantsJson(args)
  try {
    const program = newProgram(json)
    await addCommands(program, args, folder)
    await program.parseAsync(args, { from: 'user' })
    return Number(process.exitCode ?? exitCode.ok)
  } catch (error) {
    if (error instanceof CommanderError) return endOfParsing(error, json)
    return reportError(error, json)
  }
}

function newProgram(json: boolean): Command {
  const program = new Command('millwright')
  return program
    .description('Keeps machines running: repairs with approved playbooks, proves it, and hands over to people.')
    .version(versionOfPackage())
    .showHelpAfterError('(add --help for what it takes)')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => (json ? undefined : write(text)) })
    .enablePositionalOptions()
}

function versionOfPackage(): string {
  const text = readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')
  const parsed: unknown = JSON.parse(text)
  const version = typeof parsed === 'object' && parsed !== null && 'version' in parsed ? parsed.version : undefined
  return typeof version === 'string' ? version : 'unknown'
}

async function addCommands(program: Command, args: readonly string[], folder: string): Promise<void> {
  const names = readdirSync(folder).flatMap((file) => commandFile.exec(file)?.[1] ?? [])
  const asked = args.find((arg) => !arg.startsWith('-'))
  const name = asked === 'help' ? args[args.indexOf(asked) + 1] : asked
  if (name !== undefined && names.includes(name) && (await addCommand(program, name, folder))) return
  // Behind a command's name only its own words are completed: the others need not be loaded for that.
  const typed = name === 'complete' ? args.slice(args.indexOf('--') + 1) : []
  const [of = ''] = typed
  if (typed.length > 1 && names.includes(of) && (await addCommand(program, of, folder)))
    return addCompletion(program, args)
  const added: string[] = []
  for (const candidate of names.toSorted()) if (await addCommand(program, candidate, folder)) added.push(candidate)
  await addCompletion(program, args)
  if (name === undefined || completionCommands.includes(name)) return
  const close = nearest(name, [...added, 'completion'])
  throw new Failure({
    code: 'input.usage',
    message: `There is no command "${name}".`,
    hint: close === null ? 'Type `millwright --help` for the list.' : `Did you mean \`millwright ${close}\`?`,
  })
}

/** False when the file exports no command. */
async function addCommand(program: Command, name: string, folder: string): Promise<boolean> {
  // Importing this file again would be importing ourselves.
  if (name === 'main') return false
  const module: { readonly default?: unknown } = await import(pathToFileURL(join(folder, `${name}.ts`)).href)
  if (!isCliCommand(module.default)) return false
  const command = program.command(name).summary(module.default.summary).description(module.default.summary)
  module.default.build(command)
  acceptYes(command)
  return true
}

function isCliCommand(value: unknown): value is CliCommand {
  return typeof value === 'object' && value !== null && 'summary' in value && 'build' in value
}

/** `--yes` is also for the set-up that runs before each command, so every command takes it. */
function acceptYes(command: Command): void {
  if (!command.options.some(({ long }) => long === '--yes')) {
    command.addOption(new Option('--yes', 'do not count down before set-up changes the machine').hideHelp())
  }
  for (const verb of command.commands) acceptYes(verb)
}

/** commander has said on stderr what it did not like; help and version end well. */
function endOfParsing(error: CommanderError, json: boolean): number {
  if (error.exitCode === 0) return exitCode.ok
  // Asking for a group of commands without a verb prints its help.
  if (error.code === 'commander.help') return exitCode.usage
  if (!json) return exitCode.usage
  const message = error.message.replace(/^error: /, '')
  return reportError(new Failure({ code: 'input.usage', message, hint: 'Add --help for what it takes.' }), json)
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
