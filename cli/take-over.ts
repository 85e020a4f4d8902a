import type { CliCommand } from './command.ts'
import { buildDecision } from './decide.ts'

export default {
  summary: 'take an incident whose plan waits; Millwright changes nothing there any more',
  build: (command) => buildDecision(command, 'take-over'),
} satisfies CliCommand
