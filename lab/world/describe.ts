// What stands on a lab host, once for Millwright's inventory and once for the host's own declaration.
import type { LabHost } from '../up.ts'

const configs = [{ name: 'nginx', path: '/etc/nginx' }] as const
const mounts = [
  { id: 'root', path: '/' },
  { id: 'nginx-logs', path: '/var/log/nginx' },
] as const

const units = [
  { name: 'nginx.service', ports: [80], tester: 'nginx', configs },
  { name: 'acme-app.service', ports: [8080], tester: 'none', configs: [] },
  { name: 'acme-sync.service', ports: [], tester: 'none', configs: [] },
] as const

const home = { id: 'home', port: 80, path: '/', unit: 'nginx.service' } as const

/** The host as the inventory has it: what may be looked at and acted on. */
export function inventoryEntry(host: LabHost): object {
  return {
    id: host.name,
    name: host.name,
    address: host.address,
    hostKeys: host.hostKeys,
    role: host.role,
    environment: 'lab',
    units: units.map(({ name, ports, configs: read }) => ({ name, ports, configs: read.map((one) => one.name) })),
    endpoints: [{ ...home, url: `http://${host.name}/` }],
    mounts,
  }
}

/** The same, as the host itself holds it: it refuses what does not stand here, whoever asks. */
export function declaration(): object {
  return { version: 1, units, endpoints: [home], mounts, logRoots: [{ id: 'nginx-logs', path: '/var/log/nginx' }] }
}
