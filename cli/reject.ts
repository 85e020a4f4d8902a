import type { CliCommand } from './command.ts'
import { buildDecision } from './decide.ts'

export default {
  summary: 'refuse the plan that waits; a person keeps the incident',
  build: (command) => buildDecision(command, 'reject'),
} satisfies CliCommand
