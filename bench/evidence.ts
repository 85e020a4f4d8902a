// An evidence pack of ten probes beside one probe of them, over one open connection.
import { readFileSync } from 'node:fs'
import { createAskHost } from '../activities/ask-host.ts'
import type { Evidence, ProbeRequest } from '../domain/evidence.ts'
import yaml from '../integrations/inventories/yaml/index.ts'
import { startLab } from '../lab/up.ts'
import { loadProbes } from '../probes/load.ts'
import { openReadConnections } from '../runtime/ssh.ts'
import { alternately, median, note, print } from './measuring/result.ts'

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 30)
const unit = 'nginx.service'
const mount = 'nginx-logs'

const one: ProbeRequest = { probe: 'unit-status', params: { unit } }
/** What is asked about a crashed service, and what a full disk adds. */
const ten: readonly ProbeRequest[] = [
  one,
  { probe: 'config-test', params: { unit } },
  { probe: 'listeners', params: { unit } },
  { probe: 'failed-units', params: {} },
  { probe: 'config-digest', params: { unit } },
  { probe: 'disk-usage', params: { mount } },
  { probe: 'largest-files', params: { mount } },
  { probe: 'inode-hogs', params: { mount } },
  { probe: 'deleted-open-files', params: { mount } },
  { probe: 'time-status', params: {} },
]

const lab = await startLab({ hosts: 1, monitoring: false, progress: note })
const ssh = openReadConnections({ privateKey: readFileSync(lab.readKeyPath, 'utf8') })
try {
  const [host] = await yaml.load({ file: lab.inventoryPath })
  if (host === undefined) throw new Error('The lab has no host.')
  const askHost = createAskHost({ probes: await loadProbes(), ssh, now: () => new Date() })
  const ask = async (requests: readonly ProbeRequest[]) => seen(await askHost(host, requests))
  const { ours, control } = await alternately(
    rounds,
    () => ask(ten),
    () => ask([one]),
  )
  const against = 'one probe of them, in an exchange of its own'
  print({ name: 'evidence pack of ten', value: median(ours), unit: 'ms', control: median(control), against })
} finally {
  ssh.close()
  await lab.stop()
}

/** A pack that could not be read would be the fastest of all. */
function seen(evidence: readonly Evidence[]): void {
  const failed = evidence.find((answer) => answer.outcome.status === 'failed')
  if (failed !== undefined) throw new Error(`${failed.request.probe}: ${JSON.stringify(failed.outcome)}`)
}
