// The lab's own command line; `millwright lab …` passes everything on to it. Data on stdout, progress on stderr.
import { spawn } from 'node:child_process'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { exitCode } from '../cli/command.ts'
import { withOutput } from '../cli/print.ts'
import { reportError, wantsJson } from '../cli/report-error.ts'
import { takeDown } from './down.ts'
import { ensureLayers } from './layers.ts'
import { knownHostsPath, operatorKeyPath } from './identity.ts'
import { breakHost, faultNames, healHost, judgeHost, loadFault } from './oracle.ts'
import { labCache } from './paths.ts'
import { defaultDurationFactor } from './rules.ts'
import { allStates, isRunning, requireHost, requireState } from './state.ts'
import { describeLab, startLastingLab } from './up.ts'

type Common = { readonly name: string; readonly output: 'text' | 'json' }
type UpOptions = Common & {
  readonly hosts: number
  readonly factor: number
  readonly monitoring: boolean
  readonly webhook?: string
  readonly bearerFile?: string
}

const progress = (line: string): void => {
  process.stderr.write(`${line}\n`)
}

function print(options: { readonly output: string }, data: unknown, text: string): void {
  process.stdout.write(`${options.output === 'json' ? JSON.stringify(data) : text}\n`)
}

function count(text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('Give a whole number above 0.')
  return number
}

function build(): Command {
  const program = new Command('millwright lab')
    .description('Real Debian hosts on this machine, with real monitoring, and faults to break them.')
    .exitOverride()
    .enablePositionalOptions()
  const add = (signature: string, summary: string): Command =>
    withOutput(program.command(signature).description(summary), ['text', 'json'])
  const addNamed = (signature: string, summary: string): Command =>
    add(signature, summary).option('--name <lab>', 'which lab', 'lab')
  add('base', "make the hosts' base ready, once").action(base)
  addNamed('up', 'boot hosts and their monitoring')
    .option('--hosts <n>', 'web hosts', count, 2)
    .option('--factor <n>', "divide the alert rules' waiting times by this", count, defaultDurationFactor)
    .option('--no-monitoring', 'without mon-01')
    .option('--webhook <url>', 'where Alertmanager posts')
    .option('--bearer-file <path>', 'the token it shows there')
    .action(up)
  addNamed('status', 'what runs').action(status)
  addNamed('ssh <host> [command...]', 'a shell as root on a host, or one command').passThroughOptions().action(ssh)
  add('faults', 'what can be broken').action(faults)
  addNamed('break <fault> <host>', 'break a host').action(breakOne)
  addNamed('judge <fault> <host>', 'the verdict of the oracle, which never asks Millwright').action(judge)
  addNamed('heal <host>', 'repair what was broken').action(heal)
  addNamed('down', 'stop a lab and remove every trace').option('--all', 'every lab, running or left over').action(down)
  return program
}

async function base(options: Common): Promise<void> {
  const layers = await ensureLayers(progress)
  print(options, { layers }, layers.join('\n'))
}

async function up({ name, output, hosts, factor, monitoring, webhook, bearerFile }: UpOptions): Promise<void> {
  const target = webhook === undefined || bearerFile === undefined ? {} : { webhook: { url: webhook, bearerFile } }
  const lab = await startLastingLab({ name, hosts, durationFactor: factor, monitoring, progress, ...target })
  print({ output }, lab, describe(lab))
}

function status(options: Common): void {
  const labs = allStates().map((state) => ({ ...describeLab(state), running: isRunning(state) }))
  const text =
    labs.length === 0
      ? `No lab runs (${labCache()}).`
      : labs.map((lab) => `${lab.name}: ${lab.running ? 'running' : 'left over'}\n${describe(lab)}`).join('\n')
  print(options, { labs }, text)
}

function describe(lab: ReturnType<typeof describeLab>): string {
  const monitor =
    lab.monitor === undefined
      ? []
      : [`Prometheus ${lab.monitor.prometheusUrl}  Alertmanager ${lab.monitor.alertmanagerUrl}`]
  const factor = `alert rules wait 1/${String(lab.durationFactor)} of their production time`
  return [
    ...lab.hosts.map((host) => `${host.name}  ${host.address}`),
    ...monitor,
    factor,
    `inventory ${lab.inventoryPath}`,
  ].join('\n')
}

async function ssh(host: string, command: readonly string[], { name }: Common): Promise<void> {
  const state = requireState(name)
  const { address } = requireHost(state, host)
  const trust = [
    '-o',
    `UserKnownHostsFile=${knownHostsPath(name)}`,
    '-o',
    'StrictHostKeyChecking=yes',
    '-o',
    'IdentitiesOnly=yes',
    '-o',
    'LogLevel=ERROR',
  ]
  const child = spawn('ssh', [...trust, '-F', 'none', '-i', operatorKeyPath(name), '-l', 'root', address, ...command], {
    stdio: 'inherit',
  })
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? exitCode.failure))
  })
}

async function faults(options: Common): Promise<void> {
  const all = await Promise.all((await faultNames()).map(async (name) => ({ name, fault: await loadFault(name) })))
  const shown = all.map(({ name, fault: { summary, alert, ending } }) => ({ name, summary, alert, ending }))
  print(options, { faults: shown }, shown.map(({ name, summary }) => `${name.padEnd(28)}${summary}`).join('\n'))
}

async function breakOne(fault: string, host: string, { name, output }: Common): Promise<void> {
  await breakHost(requireState(name), fault, host)
  print(
    { output },
    { fault, host, broken: true },
    `${host} is broken: ${fault}. Ask the oracle with: millwright lab judge ${fault} ${host}`,
  )
}

async function judge(fault: string, host: string, { name }: Common): Promise<void> {
  print({ output: 'json' }, await judgeHost(requireState(name), fault, host), '')
}

async function heal(host: string, { name, output }: Common): Promise<void> {
  const healed = await healHost(requireState(name), host)
  print(
    { output },
    { host, healed },
    healed.length === 0 ? `Nothing was broken on ${host}.` : `Healed on ${host}: ${healed.join(', ')}.`,
  )
}

async function down({ name, output, all }: Common & { readonly all?: true }): Promise<void> {
  const names = all === true ? allStates().map((state) => state.name) : [name]
  const stopped: string[] = []
  for (const one of names) if (await takeDown(one)) stopped.push(one)
  print(
    { output },
    { stopped },
    stopped.length === 0 ? 'No such lab runs.' : `Stopped, without a trace: ${stopped.join(', ')}.`,
  )
}

const args = process.argv.slice(2)
try {
  await build().parseAsync(args, { from: 'user' })
} catch (error) {
  process.exitCode =
    error instanceof CommanderError
      ? error.exitCode === 0
        ? exitCode.ok
        : exitCode.usage
      : reportError(error, wantsJson(args))
}
