// `millwright host check` starts this by path: does each host let us read, and nothing more? One JSON array on stdout.
import { parseArgs } from 'node:util'
import { createAskHost } from '../activities/ask-host.ts'
import { Failure, failureCode } from '../domain/failure.ts'
import type { InventoryHost } from '../domain/inventory.ts'
import { loadInventory } from '../integrations/load.ts'
import { loadProbes, type Probes } from '../probes/load.ts'
import { readConfig } from '../runtime/config.ts'
import { readSecret } from '../runtime/secrets.ts'
import { connectSsh } from '../runtime/ssh-connect.ts'
import { openReadConnections, readUser } from '../runtime/ssh.ts'

/** One thing that must hold; `fix` says what to do when it does not. */
type Check = { readonly says: string; readonly holds: boolean; readonly seen: string; readonly fix: string }

const writeUser = 'millwright-act'
const onboard = 'run playbooks/onboard-host on it'
const atOnce = 8

const { values, positionals } = parseArgs({ options: { config: { type: 'string' } }, allowPositionals: true })
try {
  process.stdout.write(`${JSON.stringify(await checkAll(values.config ?? '', positionals))}\n`)
} catch (error) {
  const message = error instanceof Error ? error.message : String(error)
  const hint = error instanceof Failure ? (error.hint ?? null) : null
  process.stdout.write(`${JSON.stringify({ code: failureCode(error), message, hint })}\n`)
  process.exitCode = 1
}

async function checkAll(file: string, names: readonly string[]) {
  const config = readConfig(file)
  if (config.ssh === undefined) {
    const hint = 'Add it to the config: ssh: { readKey: file:/path/to/the/key }'
    throw new Failure({
      code: 'config.missing',
      message: 'The config has no ssh.readKey, so no host is reached.',
      hint,
    })
  }
  const privateKey = readSecret(config.ssh.readKey)
  const [{ hosts }, probes] = await Promise.all([loadInventory(config), loadProbes()])
  const unknown = names.find((name) => !hosts.some((host) => host.name === name))
  if (unknown !== undefined) {
    throw new Failure({ code: 'input.not-found', message: `The inventory has no host ${unknown}.` })
  }
  const chosen = hosts.filter(({ name }) => names.length === 0 || names.includes(name))
  const results: { readonly host: string; readonly checks: readonly Check[] }[] = []
  for (let from = 0; from < chosen.length; from += atOnce) {
    const some = chosen.slice(from, from + atOnce)
    const checked = some.map(async (host) => ({ host: host.name, checks: await checkHost(host, probes, privateKey) }))
    results.push(...(await Promise.all(checked)))
  }
  return results
}

async function checkHost(host: InventoryHost, probes: Probes, privateKey: string): Promise<readonly Check[]> {
  const pinned: Check = {
    says: 'a host key is pinned',
    holds: host.hostKeys.length > 0,
    seen: `${host.hostKeys.length} in the inventory`,
    fix: `compare the host's own key, then add it to the inventory: ssh-keyscan -t ed25519 ${host.address}`,
  }
  if (!pinned.holds) return [pinned]
  const reads = await readsProbes(host, probes, privateKey)
  if (!reads.holds) return [pinned, reads]
  return [pinned, reads, await runsNoCommand(host, privateKey), await letsNobodyWrite(host, privateKey)]
}

async function readsProbes(host: InventoryHost, probes: Probes, privateKey: string): Promise<Check> {
  const ssh = openReadConnections({ privateKey })
  try {
    const ask = createAskHost({ probes, ssh, now: () => new Date() })
    const [answer] = await ask(host, [{ probe: 'failed-units', params: {} }])
    const holds = answer?.outcome.status === 'ok'
    const seen =
      answer?.outcome.status === 'failed' ? `${answer.outcome.reason}: ${answer.outcome.message}` : 'answered'
    return { says: `${readUser} answers a probe of this version`, holds, seen, fix: onboard }
  } finally {
    ssh.close()
  }
}

/** A program answers, whatever command is asked for; `id` would begin with `uid=`. */
async function runsNoCommand(host: InventoryHost, privateKey: string): Promise<Check> {
  const says = `${readUser} runs no command`
  const ssh = await connectSsh(host, { username: readUser, privateKey }, () => undefined)
  try {
    const { stdout } = await ssh.execCommand('id')
    const holds = !stdout.includes('uid=')
    return { says, holds, seen: holds ? 'refused' : 'the command ran', fix: onboard }
  } finally {
    ssh.dispose()
  }
}

async function letsNobodyWrite(host: InventoryHost, privateKey: string): Promise<Check> {
  const says = `${writeUser} lets nobody in without a run's certificate`
  const fix = `take every authorised key of ${writeUser} away, and ${onboard}`
  try {
    const ssh = await connectSsh(host, { username: writeUser, privateKey }, () => undefined)
    ssh.dispose()
    return { says, holds: false, seen: 'the reading key was let in', fix }
  } catch {
    return { says, holds: true, seen: 'refused', fix }
  }
}
