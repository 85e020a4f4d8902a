import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CliCommand } from './command.ts'
import { type Format, print, withOutput } from './print.ts'

export default {
  summary: 'print the version of Millwright and of the Node that runs it',
  build: (command) => {
    withOutput(command).action(({ output }: { readonly output: Format }) => {
      const text = readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')
      const { version }: { readonly version: string } = JSON.parse(text)
      const node = process.versions.node
      print(output, { millwright: version, node }, () => `millwright ${version} (Node ${node})`)
    })
  },
} satisfies CliCommand
