// Finding an alert's target among as many hosts as a very large fleet has, beside the same among a thousand.
import type { InventoryHost } from '../domain/inventory.ts'
import { targetIndex } from '../gateway/targets.ts'
import { HostEntry } from '../integrations/inventory-host.ts'

const large = 590_000
const small = 1_000
const lookUps = 200_000
const rules = [{ when: { job: 'node' }, host: 'instance', unit: 'name' }]

const sample = HostEntry.parse({ id: 'sample', address: '10.0.0.1', units: [{ name: 'nginx.service' }] })
const name = (at: number): string => `host-${at}`
const hosts = (count: number): readonly InventoryHost[] =>
  Array.from({ length: count }, (_, at) => ({
    ...sample,
    id: name(at),
    name: name(at),
    address: `${name(at)}.example.org`,
  }))

/** Microseconds of one look-up. */
function measure(count: number): number {
  const { resolve } = targetIndex({ digest: String(count), hosts: hosts(count) })
  const round = (): number => {
    const began = performance.now()
    for (let at = 0; at < lookUps; at += 1) {
      const instance = `${name((at * 7_919) % count)}:9100`
      const { host } = resolve({ job: 'node', instance, name: 'nginx.service' }, rules, 'default')
      if (host === null) throw new Error(`${instance} was not found`)
    }
    return ((performance.now() - began) * 1_000) / lookUps
  }
  round()
  return round()
}

const control = measure(small)
const value = measure(large)
const against = `the same among ${small} hosts`
process.stdout.write(
  `${JSON.stringify({ name: `target among ${large} hosts`, value, unit: 'µs', control, ratio: value / control, against })}\n`,
)
