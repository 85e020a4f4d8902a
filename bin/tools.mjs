// Everything that Millwright needs and does not bring along, in the order in which it is got.
import { ansible } from './tools/ansible.mjs'
import { chromium } from './tools/chromium.mjs'
import { databaseUser } from './tools/database-user.mjs'
import { labBase } from './tools/lab-base.mjs'
import { node } from './tools/node.mjs'
import { packages } from './tools/packages.mjs'
import { postgres } from './tools/postgres.mjs'
import { systemPackages } from './tools/system-packages.mjs'
import { temporal } from './tools/temporal.mjs'

/** @type {readonly import('./types.d.mts').Tool[]} */
export const tools = [packages, node, systemPackages, databaseUser, postgres, ansible, temporal, labBase, chromium]

/**
 * @param {string} name
 * @returns {import('./types.d.mts').Tool}
 */
export function toolNamed(name) {
  const tool = tools.find((candidate) => candidate.name === name)
  if (tool === undefined) throw new TypeError(`no tool is called ${name}`)
  return tool
}
