// One exchange with the host's program over SSH, on an open connection and on a fresh one, beside OpenSSH's own client
// that does the same exchange.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { InventoryHost } from '../domain/inventory.ts'
import yaml from '../integrations/inventories/yaml/index.ts'
import { type Lab, startLab } from '../lab/up.ts'
import { loadProbes } from '../probes/load.ts'
import { openReadConnections, readUser } from '../runtime/ssh.ts'
import { alternately, median, note, print, timed } from './measuring/result.ts'

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 30)
/** For the program's start; less than it then waits for its question. */
const startMilliseconds = 500

const lab = await startLab({ hosts: 1, monitoring: false, progress: note })
const folder = mkdtempSync('/tmp/millwright-bench-ssh-')
try {
  const [host] = await yaml.load({ file: lab.inventoryPath })
  if (host === undefined) throw new Error('The lab has no host.')
  const { schema } = await loadProbes()
  const request = JSON.stringify({
    version: 1,
    schema: schema.digest,
    requests: [{ probe: 'failed-units', params: {} }],
  })
  await warm(lab, host, request)
  await waiting(lab, host, request)
  await fresh(lab, host, request)
} finally {
  rmSync(folder, { recursive: true, force: true })
  await lab.stop()
}

async function warm({ knownHostsPath, readKeyPath }: Lab, host: InventoryHost, request: string): Promise<void> {
  const lines = openReadConnections({ privateKey: readFileSync(readKeyPath, 'utf8') })
  const shared = ['-o', `ControlPath=${join(folder, 'c')}`]
  const master = spawn('ssh', [...shared, '-MNn', ...login({ knownHostsPath, readKeyPath }, host)], { stdio: 'ignore' })
  const openSsh = () => ssh([...shared, ...login({ knownHostsPath, readKeyPath }, host)], request)
  const { ours, control } = await alternately(rounds, () => lines.exchange(host, request), openSsh)
  lines.close()
  master.kill()
  const against = 'the same exchange by OpenSSH through an open master connection'
  print({ name: 'ssh exec warm', value: median(ours), unit: 'ms', control: median(control), against })
}

/** What a question costs when an alert has let the host's program start before it. */
async function waiting({ readKeyPath }: Lab, host: InventoryHost, request: string): Promise<void> {
  const lines = openReadConnections({ privateKey: readFileSync(readKeyPath, 'utf8') })
  const [asked, control]: [number[], number[]] = [[], []]
  for (let round = 0; round <= rounds; round += 1) {
    control.push(await timed(() => lines.exchange(host, request)))
    lines.open(host)
    await sleep(startMilliseconds)
    asked.push(await timed(() => lines.exchange(host, request)))
  }
  lines.close()
  const against = 'the same exchange by ourselves, with the program still to be started'
  print({ name: 'ssh exec, program waiting', value: median(asked), unit: 'ms', control: median(control), against })
}

async function fresh({ knownHostsPath, readKeyPath }: Lab, host: InventoryHost, request: string): Promise<void> {
  const privateKey = readFileSync(readKeyPath, 'utf8')
  const exchange = async () => {
    const lines = openReadConnections({ privateKey })
    await lines.exchange(host, request)
    lines.close()
  }
  const openSsh = () => ssh(login({ knownHostsPath, readKeyPath }, host), request)
  const { ours, control } = await alternately(rounds, exchange, openSsh)
  const against = 'the same exchange by OpenSSH over a connection of its own'
  print({ name: 'ssh exec fresh', value: median(ours), unit: 'ms', control: median(control), against })
}

type Keys = Pick<Lab, 'knownHostsPath' | 'readKeyPath'>

function login({ knownHostsPath, readKeyPath }: Keys, { address }: InventoryHost): readonly string[] {
  const files = ['-o', `UserKnownHostsFile=${knownHostsPath}`, '-o', `IdentityFile=${readKeyPath}`]
  const strict = ['-F', 'none', '-T', '-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes', '-o', 'LogLevel=ERROR']
  return [...strict, ...files, '--', `${readUser}@${address}`, 'probe']
}

/** Throws when the client does not end well. */
async function ssh(given: readonly string[], input: string): Promise<void> {
  const child = spawn('ssh', given, { stdio: ['pipe', 'ignore', 'inherit'] })
  child.stdin.end(input)
  const code = await new Promise((resolve) => child.once('exit', resolve))
  if (code !== 0) throw new Error(`ssh ended with ${String(code)}.`)
}
