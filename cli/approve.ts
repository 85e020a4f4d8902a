import type { CliCommand } from './command.ts'
import { buildDecision } from './decide.ts'

export default {
  summary: 'let the plan that waits run, once',
  build: (command) => buildDecision(command, 'approve'),
} satisfies CliCommand
