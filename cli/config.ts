import { stringify } from 'yaml'
import { emptyConfig, readConfig } from '../runtime/config.ts'
import type { CliCommand } from './command.ts'
import { print } from './print.ts'

type Options = { readonly output: 'text' | 'json' }

export default {
  summary: 'validate a config file, and view what it comes to',
  build: (command) => {
    command
      .command('validate')
      .description('check a config file; the first problem is named with its line')
      .argument('<file>')
      .option('-o, --output <format>', 'text or json', 'text')
      .action(validate)
    command
      .command('view')
      .description('the config with every default filled in; secrets are references and stay references')
      .argument('[file]', 'without one: what an empty config means')
      .option('-o, --output <format>', 'text or json', 'text')
      .action(view)
  },
} satisfies CliCommand

function validate(file: string, { output }: Options): void {
  const config = readConfig(file)
  const sources = Object.keys(config.sources)
  print(output === 'json' ? 'json' : 'table', { file, valid: true, sources }, () => `${file} is valid.`)
}

function view(file: string | undefined, { output }: Options): void {
  const config = file === undefined ? emptyConfig : readConfig(file)
  print(output === 'json' ? 'json' : 'table', config, () => stringify(config))
}
