// What the Millwright of `commands.test.ts` runs on: a source of each kind of credential, and a host that is not there.
import { setTimeout as sleep } from 'node:timers/promises'
import { alertmanagerPayload } from '../support/gateway.ts'

const tries = 1_200
export const config = {
  listen: { address: '127.0.0.1', port: 0 },
  environments: { lab: {} },
  sources: {
    shop: { use: 'alertmanager', bearer: 'file:/FOLDER/token', environment: 'lab', targets: [{ host: 'instance' }] },
    named: { use: 'alertmanager', basic: { username: 'am', password: 'file:/FOLDER/token' } },
    signed: { use: 'generic', hmac: { secret: 'file:/FOLDER/token' }, fields: { name: '/name', startsAt: '/at' } },
    grafana: {
      use: 'generic',
      hmac: { secret: 'file:/FOLDER/token', headers: { signature: 'x-signature', timestamp: 'x-time' } },
      fields: { name: '/name', startsAt: '/at' },
    },
  },
  inventory: { use: 'yaml', file: '/FOLDER/inventory.yaml' },
  ssh: { readKey: 'file:/FOLDER/read_key' },
}
export const inventory = { hosts: [{ id: 'gone-01', address: '127.0.0.1', port: 1, environment: 'lab' }] }

export function firing(instance: string): object {
  const labels = { alertname: 'HostDown', instance }
  return alertmanagerPayload('{}:{alertname="HostDown"}', [{ labels, startsAt: new Date().toISOString() }])
}

export async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let left = tries; left > 0; left -= 1) {
    if (await holds()) return
    await sleep(50)
  }
  throw new Error('it did not come to that')
}

export function postTo(url: string, token: string, body: object): Promise<Response> {
  return fetch(`${url}/hooks/v1/shop`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  })
}
