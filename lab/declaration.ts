// What is declared of every web host: the same for the host itself (what may be looked at) and for the inventory (what
// may be a target).
import { smallDiskPath } from './disk.ts'

const webUnit = 'nginx.service'
const applicationUnit = 'acme-app.service'

const units = [
  { name: webUnit, ports: [80], tester: 'nginx', configs: [{ name: 'nginx', path: '/etc/nginx' }] },
  { name: applicationUnit, ports: [8080], tester: 'none', configs: [] },
  { name: 'acme-sync.service', ports: [], tester: 'none', configs: [] },
]

const endpoints = [
  { id: 'home', port: 80, path: '/', unit: webUnit },
  { id: 'application', port: 8080, path: '/', unit: applicationUnit },
]

const mounts = [{ id: 'nginx-logs', path: smallDiskPath }]

/** The host's own declaration, as `onboard-host` installs it. */
export const hostDeclaration = { version: 1, units, endpoints, mounts, logRoots: mounts } as const

/** The same in the inventory's words. `url` is what the blackbox exporter calls the endpoint. */
export function inventoryDeclaration(hostName: string): object {
  return {
    units: units.map(({ name, ports, configs }) => ({ name, ports, configs: configs.map((config) => config.name) })),
    endpoints: endpoints.map(({ id, port, path, unit }) => ({
      id,
      url: port === 80 ? `http://${hostName}${path}` : `http://${hostName}:${String(port)}${path}`,
      port,
      path,
      unit,
    })),
    mounts,
  }
}
