// What a person who takes over can type next: read-only commands for exactly what the alerts are about.
import type { HostId } from '../ids.ts'
import type { HandOverReason } from '../incident.ts'
import type { InventoryHost, Subject } from '../inventory.ts'

export type NextCommand = { readonly says: string; readonly command: string }

type Situation = {
  readonly number: number
  readonly reason: HandOverReason | null
  /** Null when the alert names nothing in the inventory. */
  readonly host: InventoryHost | null
  readonly subjects: readonly Subject[]
  /** The last run whose outcome is unknown. */
  readonly unknownRun: string | null
  readonly quarantined: boolean
  readonly closed: boolean
}

/** In the order in which a person would use them; the last one ends an incident that is open. */
export function nextCommands(situation: Situation): readonly NextCommand[] {
  const { number, reason, host, subjects, unknownRun, quarantined, closed } = situation
  const there = host === null ? [] : [reach(host), ...about(host, subjects)]
  const record =
    unknownRun === null
      ? []
      : [
          {
            says: 'What the run left on the host',
            command: `ls -l ${quoted(`/var/lib/millwright/runs/${unknownRun}`)}`,
          },
        ]
  const key =
    reason === 'unreachable' && host !== null
      ? [{ says: 'Does it answer at all', command: `nc -vz ${quoted(host.address)} ${host.port}` }]
      : []
  const release =
    quarantined && host !== null
      ? [
          {
            says: 'Once it stands as it should: let it be changed again',
            command: releaseCommand(host.id),
          },
        ]
      : []
  const budget =
    reason === 'over-budget' && !closed
      ? [{ says: 'Let the investigation go on, for dollars more', command: `npx millwright budget lift ${number} 1` }]
      : []
  return [
    ...budget,
    ...key,
    ...there,
    ...record,
    ...release,
    { says: 'Everything recorded', command: `npx millwright incident show ${number}` },
    ...(closed
      ? []
      : [
          { says: 'End it when it is done', command: `npx millwright incident close ${number} --says 'what was done'` },
        ]),
  ]
}

/** Lets a host be changed again that is in quarantine. */
export function releaseCommand(host: HostId): string {
  return `npx millwright host release ${quoted(host)} --reason 'what was checked'`
}

function reach({ address, port, name }: InventoryHost): NextCommand {
  return { says: `Go to ${name}`, command: `ssh ${port === 22 ? '' : `-p ${port} `}${quoted(address)}` }
}

function about(host: InventoryHost, subjects: readonly Subject[]): readonly NextCommand[] {
  const named = subjects.flatMap((subject) => commandsOf(host, subject))
  const distinct = named.filter((one, at) => named.findIndex((other) => other.command === one.command) === at)
  if (distinct.length > 0) return distinct
  return [
    { says: 'Units that failed', command: 'systemctl --failed --no-pager' },
    { says: 'Errors of the last hour', command: "journalctl -p err --since '1 hour ago' --no-pager" },
  ]
}

function commandsOf(host: InventoryHost, { kind, name }: Subject): readonly NextCommand[] {
  switch (kind) {
    case 'unit':
      return unitCommands(name)
    case 'mount':
      return mountCommands(host.mounts.find((mount) => mount.id === name)?.path)
    case 'endpoint':
      return endpointCommands(host, name)
  }
}

function unitCommands(unit: string): readonly NextCommand[] {
  return [
    { says: `State of ${unit}`, command: `systemctl status --no-pager ${quoted(unit)}` },
    { says: `Last words of ${unit}`, command: `journalctl --no-pager -n 100 -u ${quoted(unit)}` },
  ]
}

function mountCommands(path: string | undefined): readonly NextCommand[] {
  if (path === undefined) return []
  return [
    { says: `Space and inodes of ${path}`, command: `df -h ${quoted(path)} && df -i ${quoted(path)}` },
    { says: 'The largest folders there', command: `du -xh --max-depth=2 ${quoted(path)} | sort -h | tail -20` },
  ]
}

function endpointCommands(host: InventoryHost, id: string): readonly NextCommand[] {
  const endpoint = host.endpoints.find((one) => one.id === id)
  if (endpoint === undefined) return []
  const url = quoted(`http://127.0.0.1:${endpoint.port}${endpoint.path}`)
  const asked = { says: `Does ${id} answer`, command: `curl -sS -o /dev/null -w '%{http_code}\\n' ${url}` }
  return endpoint.unit === null ? [asked] : [asked, ...unitCommands(endpoint.unit)]
}

/** One shell word, whatever the text holds. */
export function quoted(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./][A-Za-z0-9_@%+=:,./-]*$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
