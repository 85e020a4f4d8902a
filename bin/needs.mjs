// Which tools a command needs before it can start.

/** @typedef {import('./types.d.mts').ToolName} ToolName */

/** @type {readonly ToolName[]} */
const client = ['packages', 'node']
/** @type {readonly ToolName[]} */
const service = [...client, 'database-user', 'postgres', 'ansible', 'temporal']
/** @type {readonly ToolName[]} */
const lab = [...service, 'system-packages', 'lab-base']

/** What the unit tests and the checks need. */
export const unitNeeds = client
/** What all tests need. */
export const testNeeds = /** @type {readonly ToolName[]} */ ([...lab, 'chromium'])

/**
 * The tools for a command line. Commands that are not named here are clients of a running Millwright.
 * @param {readonly string[]} args
 * @returns {readonly ToolName[]}
 */
export function needsOf(args) {
  const [command, verb] = args.filter((arg) => !arg.startsWith('-'))
  if (args.includes('--help') || args.includes('-h')) return client
  if (command === 'up') return service
  if (command === 'demo' || command === 'bench' || command === 'prove') return lab
  // Taking the lab down must not first build what it would need to start.
  if (command === 'lab') return verb === 'down' || verb === 'status' ? client : lab
  if (command === 'host' || command === 'playbook') return [...client, 'ansible']
  return client
}
