// One bridge of its own subnet per lab, one network namespace and one veth pair per host. Addresses are set from
// outside.
import * as z from 'zod'
import { Failure } from '../domain/failure.ts'
import { attempt, run } from './run.ts'
import type { HostState, LabState } from './state.ts'

/** Subnets that labs may take: `10.213.0.0/24` to `10.213.31.0/24`, so at most 32 labs at once. */
const subnets = 32
const network = '10.213'

export function bridgeName(subnet: number): string {
  return `mw${String(subnet)}`
}

/** The machine's own address on the lab's bridge. */
export function gatewayAddress(subnet: number): string {
  return `${network}.${String(subnet)}.1`
}

export function hostAddress(subnet: number, index: number): string {
  return `${network}.${String(subnet)}.${String(10 + index)}`
}

export function namespaceName(subnet: number, host: string): string {
  return `${bridgeName(subnet)}-${host}`
}

/** The outer end of a host's link; setting it down is how a host becomes unreachable. */
export function outerLink(subnet: number, index: number): string {
  return `${bridgeName(subnet)}-${String(index)}`
}

const Routes = z.array(z.looseObject({ dst: z.string() }))

/** The first subnet that neither a lab in `taken` nor a route of this machine uses. */
export async function freeSubnet(taken: ReadonlySet<number>): Promise<number> {
  const routes = Routes.parse(JSON.parse(await run(['ip', '-json', '-4', 'route', 'show', 'table', 'all'])))
  const used = routes.map((route) => range(route.dst)).filter((one) => one !== undefined)
  for (let subnet = 0; subnet < subnets; subnet += 1) {
    const own = range(`${network}.${String(subnet)}.0/24`)
    if (own === undefined || taken.has(subnet)) continue
    if (!used.some((other) => other.first <= own.last && own.first <= other.last)) return subnet
  }
  throw new Failure({
    code: 'setup.missing',
    message: `Every subnet from ${network}.0.0/24 to ${network}.${String(subnets - 1)}.0/24 is taken on this machine.`,
    hint: 'See "ip route"; stop labs that are left with: millwright lab down --all',
  })
}

type AddressRange = { readonly first: number; readonly last: number }

function range(destination: string): AddressRange | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)(?:\/(\d+))?$/.exec(destination)
  if (match === null) return undefined
  const [a = 0, b = 0, c = 0, d = 0, bits = 32] = match.slice(1).map((part) => (part === undefined ? 32 : Number(part)))
  // A default route, or one that stands for it in halves, leaves room for a more exact one.
  if (bits < 8) return undefined
  const size = 2 ** (32 - bits)
  const address = ((a * 256 + b) * 256 + c) * 256 + d
  const first = address - (address % size)
  return { first, last: first + size - 1 }
}

/** Makes the bridge and every host's namespace and link. */
export async function createNetwork({ subnet, hosts }: LabState): Promise<void> {
  const bridge = bridgeName(subnet)
  await batch(
    [],
    [
      `link add ${bridge} type bridge`,
      `address add ${gatewayAddress(subnet)}/24 dev ${bridge}`,
      `link set ${bridge} up`,
      ...hosts.flatMap((host) => hostLines(subnet, host)),
    ],
  )
  await Promise.all(
    hosts.map((host) =>
      batch(
        ['-netns', namespaceName(subnet, host.name)],
        [
          'link set lo up',
          `address add ${host.address}/24 dev eth0`,
          'link set eth0 up',
          `route add default via ${gatewayAddress(subnet)}`,
        ],
      ),
    ),
  )
}

function hostLines(subnet: number, host: HostState): readonly string[] {
  const outer = outerLink(subnet, host.index)
  const namespace = namespaceName(subnet, host.name)
  return [
    `netns add ${namespace}`,
    `link add ${outer} type veth peer name eth0 netns ${namespace}`,
    `link set ${outer} master ${bridgeName(subnet)} up`,
  ]
}

async function batch(options: readonly string[], lines: readonly string[]): Promise<void> {
  await run(['ip', ...options, '-batch', '-'], { input: `${lines.join('\n')}\n` })
}

/** Removes what `createNetwork` made, in whatever state it is. */
export async function removeNetwork({ subnet, hosts }: LabState): Promise<void> {
  for (const host of hosts) {
    await attempt(['ip', 'link', 'delete', outerLink(subnet, host.index)])
    await attempt(['ip', 'netns', 'delete', namespaceName(subnet, host.name)])
  }
  await attempt(['ip', 'link', 'delete', bridgeName(subnet)])
}

/** Cuts or mends the host's link from outside, as a pulled cable would. */
export async function setLink(state: LabState, host: HostState, direction: 'up' | 'down'): Promise<void> {
  await run(['ip', 'link', 'set', outerLink(state.subnet, host.index), direction])
}
