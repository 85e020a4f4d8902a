// The outside programs that set-up gets (`bin/tools/`), for code that has to start them.
import { dirname, join } from 'node:path'
import { tools, toolNamed } from '../bin/tools.mjs'
import type { Tool } from '../bin/types.d.mts'
import { Failure } from '../domain/failure.ts'

const places = {
  node: { tool: 'node', locate: (found: string) => found },
  temporal: { tool: 'temporal', locate: (found: string) => found },
  postgres: { tool: 'postgres', locate: (found: string) => found },
  'ansible-playbook': { tool: 'ansible', locate: (found: string) => found },
  'ansible-inventory': { tool: 'ansible', locate: (found: string) => join(dirname(found), 'ansible-inventory') },
} as const

/** The programs that Millwright starts and does not bring along. */
export type ToolProgram = keyof typeof places

/**
 * The absolute path of a program. `postgres` has `initdb` and `pg_ctl` beside it. With TEMPORAL_ADDRESS set nobody
 * may need `temporal`; asking for it then throws unless it is there all the same.
 * Throws `setup.missing`.
 */
export function toolPath(program: ToolProgram): string {
  const { tool, locate } = places[program]
  const found = toolNamed(tool).find()
  if (found !== null && found.startsWith('/')) return locate(found)
  throw new Failure({
    code: 'setup.missing',
    message: `${program} is missing: ${toolNamed(tool).why}.`,
    hint: 'Type `npx millwright doctor --fix`.',
  })
}

/** Every tool of the set-up with the place where it is, or null. */
export function toolStates(): readonly (Tool & { readonly found: string | null })[] {
  return tools.map((tool) => ({ ...tool, found: tool.find() }))
}
