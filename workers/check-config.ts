// `millwright config validate` starts this by path: reads a config as the processes would, down to each integration's
// own block, the inventory, the policies and the playbooks that it names. Prints one JSON object.
import { failureCode, Failure } from '../domain/failure.ts'
import { loadCatalogue } from '../catalogue/load.ts'
import { loadInventory, loadMetrics, loadModels, loadNotifiers, loadSources } from '../integrations/load.ts'
import { loadLogs } from '../integrations/load-logs.ts'
import { loadPolicies } from '../policies/evaluate.ts'
import { loadProbes } from '../probes/load.ts'
import { type Config, readConfig, withPlace } from '../runtime/config.ts'
import { payloadKeyProblem } from '../runtime/payload-key.ts'
import { secretProblems } from '../runtime/secret-shares.ts'
import { readSecret } from '../runtime/secrets.ts'
import { strangeEnvironments } from './strangers.ts'
import { ownPlaybooks } from './world.ts'

const [file = ''] = process.argv.slice(2)
try {
  process.stdout.write(`${JSON.stringify(await check(readConfig(file)))}\n`)
} catch (error) {
  const says = error instanceof Error ? error.message : String(error)
  const message = error instanceof Failure && error.key !== undefined ? withPlace(file, error.key, says) : says
  const hint = error instanceof Failure ? (error.hint ?? null) : null
  process.stdout.write(`${JSON.stringify({ code: failureCode(error), message, hint })}\n`)
  process.exitCode = 1
}

async function check(config: Config) {
  const { byName: probes } = await loadProbes()
  const [sources, notifiers, metrics, , models, inventory, catalogue] = await Promise.all([
    loadSources(config),
    loadNotifiers(config),
    loadMetrics(config, readSecret),
    loadLogs(config, readSecret),
    loadModels(config, readSecret),
    loadInventory(config),
    loadCatalogue({ dir: ownPlaybooks, modes: config.playbooks, probes }),
  ])
  loadPolicies(config.policies)
  const known = catalogue.playbooks.map(({ id }) => id)
  return {
    sources: [...sources.keys()],
    notifiers: [...notifiers.keys()],
    metrics: [...metrics.keys()],
    /** Who is asked about what nobody knows, and at which address. */
    models: Object.entries(models ?? {}).flatMap(([tier, one]) =>
      one === null ? [] : [`${tier}: ${one.model} at ${one.address}`],
    ),
    hosts: inventory.hosts.length,
    playbooks: Object.keys(config.playbooks),
    /** What is no error, and surely not meant. */
    warnings: [
      ...strangers('playbook', Object.keys(config.playbooks), known),
      ...strangeEnvironments(config, inventory.hosts),
      ...Object.entries(config.sources).flatMap(([name, source]) => sourceWarnings(config, name, source)),
      ...inventory.hosts.filter((host) => host.hostKeys.length === 0).map(({ name }) => `No key of ${name} is pinned.`),
      ...new Set([...secretProblems(config), payloadKeyProblem(config) ?? []].flat()),
    ],
  }
}

function sourceWarnings(config: Config, name: string, source: Config['sources'][string]): readonly string[] {
  const { metrics, targets } = source
  return [
    ...(metrics === undefined ? [] : strangers('metrics block', [metrics], Object.keys(config.metrics))),
    ...(targets.length === 0
      ? [`The source ${name} has no targets: its alerts name no host and are handed over.`]
      : []),
  ]
}

function strangers(what: string, named: readonly string[], known: readonly string[]): readonly string[] {
  return named.filter((name) => !known.includes(name)).map((name) => `There is no ${what} ${name}.`)
}
