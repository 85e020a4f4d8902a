import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CliCommand } from './command.ts'

export default {
  summary: 'print the version of Millwright and of the Node that runs it',
  build: (command) => {
    command
      .option('-o, --output <format>', 'text or json', 'text')
      .action(({ output }: { readonly output: string }) => {
        const text = readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')
        const { version }: { readonly version: string } = JSON.parse(text)
        const node = process.versions.node
        process.stdout.write(
          output === 'json'
            ? `${JSON.stringify({ millwright: version, node })}\n`
            : `millwright ${version} (Node ${node})\n`,
        )
      })
  },
} satisfies CliCommand
