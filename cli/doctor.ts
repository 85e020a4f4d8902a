import { setUp } from '../bin/setup.mjs'
import { Failure } from '../domain/failure.ts'
import { exitCode, type CliCommand } from './command.ts'
import { type Format, print, withOutput } from './print.ts'
import { allChecks, type Check } from './doctor-checks.ts'

type Options = { readonly fix?: true; readonly yes?: true; readonly output: Format }

const marks = { ok: 'ok     ', missing: 'MISSING', warn: 'warning' } as const

export default {
  summary: 'check everything that Millwright needs on this machine, each with what to type',
  build: (command) => {
    withOutput(command)
      .option('--fix', 'get what is missing, as far as that is safe')
      .option('--yes', 'do not count down before the machine itself is changed')
      .action(run)
  },
} satisfies CliCommand

async function run({ fix, yes, output }: Options): Promise<void> {
  const before = await allChecks()
  const problem = fix === true ? await mend(before, yes === true) : null
  const checks = fix === true ? await allChecks() : before
  const isWell = checks.every(({ state }) => state !== 'missing')
  const shown = checks.map(({ name, state, found, fix: mends }) => ({ name, state, found, fix: mends }))
  print(output, { ok: isWell, checks: shown }, () => asText(isWell, checks), shown)
  if (problem !== null) process.stderr.write(`millwright: ${problem}\n`)
  process.exitCode = isWell ? exitCode.ok : exitCode.failure
}

/** Gets what can be got; what stopped it, or null. The checks are shown either way. */
async function mend(checks: readonly Check[], yes: boolean): Promise<string | null> {
  const needs = checks.flatMap(({ state, tool }) => (state === 'missing' && tool !== null ? [tool] : []))
  try {
    await setUp({ needs, yes })
    return null
  } catch (error) {
    if (error instanceof Error && error.name === 'SetupError') return error.message
    throw new Failure({
      code: 'setup.missing',
      message: 'The set-up ended in a way that it does not know.',
      hint: 'Type `npx millwright doctor` to see what is missing.',
      cause: error,
    })
  }
}

function asText(isWell: boolean, checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length))
  const lines = checks.map(({ name, state, found, fix }) => {
    const line = `${marks[state]}  ${name.padEnd(width)}  ${found}`
    return fix === null ? line : `${line}\n         ${' '.repeat(width)}  -> ${fix}`
  })
  return `${lines.join('\n')}\n${isWell ? 'Everything that is needed is there.' : 'Something is missing; see the arrows.'}`
}
