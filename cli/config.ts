import { join } from 'node:path'
import { execa } from 'execa'
import { stringify } from 'yaml'
import { z } from 'zod'
import { Failure, failureCode } from '../domain/failure.ts'
import { emptyConfig, readConfig } from '../runtime/config.ts'
import { configOrigins } from '../runtime/config-origins.ts'
import type { CliCommand } from './command.ts'
import { columns, type Format, print, say, withOutput } from './print.ts'

const checkProgram = join(import.meta.dirname, '..', 'workers', 'check-config.ts')

const Refused = z.looseObject({ code: z.string(), message: z.string(), hint: z.string().nullable() })
const Checked = z.looseObject({ warnings: z.array(z.string()) })

type Options = { readonly output: Format }

export default {
  summary: 'validate a config file, and view what it comes to',
  build: (command) => {
    withOutput(command.command('validate'))
      .description('check a config file; the first problem is named with its line')
      .argument('<file>')
      .action(validate)
    withOutput(command.command('view'))
      .description('the config with every default filled in; secrets are references and stay references')
      .argument('[file]', 'without one: what an empty config means')
      .option('--show-origin', 'one line a value, with the line of the file that says it, or `default`')
      .action(view)
  },
} satisfies CliCommand

async function validate(file: string, { output }: Options): Promise<void> {
  const { stdout } = await execa(process.execPath, [checkProgram, file], { stderr: 'inherit', reject: false })
  const answer: unknown = JSON.parse(stdout)
  const refused = Refused.safeParse(answer)
  if (refused.success) {
    const { message, hint } = refused.data
    throw new Failure({ code: failureCode(refused.data), message, ...(hint === null ? {} : { hint }) })
  }
  const checked = Checked.parse(answer)
  for (const warning of checked.warnings) say(`warning: ${warning}`)
  print(output, { file, valid: true, ...checked }, () => `${file} is valid.`)
}

function view(file: string | undefined, { output, showOrigin }: Options & { readonly showOrigin?: true }): void {
  const config = file === undefined ? emptyConfig : readConfig(file)
  if (showOrigin !== true) return print(output, config, () => stringify(config))
  const origins = configOrigins(config, file)
  const cells = origins.map(({ key, value, origin }) => [key, JSON.stringify(value), origin])
  return print(output, origins, () => columns(['key', 'value', 'origin'], cells))
}
