// Any Ansible inventory, as `ansible-inventory --list` tells it. What Millwright alone needs stands in each host's
// variable `millwright`.
import { execa } from 'execa'
import { z } from 'zod'
import { Failure } from '../../../domain/failure.ts'
import { toolPath } from '../../../runtime/tools.ts'
import { checkHosts } from '../../inventory-host.ts'
import type { Inventory } from '../../inventory.ts'

const Config = z.strictObject({
  /** What one would give `ansible-inventory -i`: a file, a folder, or a program that Ansible may run. */
  path: z.string().regex(/^[^-\0][^\0]*$/, 'a path'),
  /** Only hosts of this group. */
  group: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_-]{0,99}$/, 'a group’s name')
    .default('all'),
})
type Config = z.infer<typeof Config>

const listSeconds = 60
const listBytes = 256 * 1024 * 1024

const Listing = z.looseObject({
  _meta: z.object({ hostvars: z.record(z.string(), z.record(z.string(), z.unknown())).default({}) }),
})
const Group = z.object({ hosts: z.array(z.string()).default([]), children: z.array(z.string()).default([]) })

async function load({ path, group }: Config) {
  const listing = Listing.safeParse(JSON.parse(await list(path)))
  if (!listing.success) throw invalid(path, 'is not an inventory as Ansible lists it', listing.error)
  const { hostvars } = listing.data._meta
  const names = hostsOf(listing.data, group, new Set())
  if (names === null) throw invalid(path, `has no group ${group}`, undefined)
  const unique = [...new Set(names)]
  const entries = unique.map((name) => entryOf(name, hostvars[name] ?? {}))
  return checkHosts(entries, (at) => `${path}, host ${unique[at] ?? 'list'}`)
}

/**
 * The hosts of a group and of the groups in it; null when there is no such group. A group that contains itself is read
 * once.
 */
function hostsOf(
  listing: Readonly<Record<string, unknown>>,
  name: string,
  seen: Set<string>,
): readonly string[] | null {
  if (seen.has(name)) return []
  seen.add(name)
  const group = Object.hasOwn(listing, name) ? Group.safeParse(listing[name]) : undefined
  if (group === undefined) return seen.size === 1 ? null : []
  if (!group.success) return []
  return [...group.data.hosts, ...group.data.children.flatMap((child) => hostsOf(listing, child, seen) ?? [])]
}

/** Ansible's own words for address and port; a host's `millwright` says the rest, and wins. */
function entryOf(name: string, vars: Readonly<Record<string, unknown>>): unknown {
  const { ansible_host: address = name, ansible_port: port, millwright = {} } = vars
  const own = typeof millwright === 'object' && millwright !== null ? millwright : { millwright }
  return { id: name, address, ...(port === undefined ? {} : { port: Number(port) }), ...own }
}

async function list(path: string): Promise<string> {
  const { stdout, stderr, failed } = await execa(toolPath('ansible-inventory'), ['-i', path, '--list'], {
    reject: false,
    timeout: listSeconds * 1_000,
    maxBuffer: listBytes,
    stdin: 'ignore',
    extendEnv: false,
    // A path that does not parse is an error, not an empty inventory.
    env: {
      PATH: '/usr/bin:/bin',
      HOME: '/nonexistent',
      LC_ALL: 'C.UTF-8',
      ANSIBLE_LOCAL_TEMP: '/tmp',
      ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED: 'True',
      ANSIBLE_NOCOLOR: '1',
    },
  })
  if (!failed) return stdout
  throw invalid(path, `can't be listed: ${stderr.replaceAll(/\p{C}+/gu, ' ').slice(0, 500)}`, undefined)
}

function invalid(path: string, what: string, cause: unknown): Failure {
  return new Failure({
    code: 'config.invalid',
    message: `The Ansible inventory ${path} ${what}.`,
    hint: `Look at it with: ansible-inventory -i ${path} --list`,
    cause,
  })
}

export default { config: Config, load } satisfies Inventory<Config>
