// The write door by certificate: a key of its own for each run, signed for this host and these minutes, never used
// again.
import { type ChildProcess, spawn } from 'node:child_process'
import { writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Evidence, ProbeRequest } from '../domain/evidence.ts'
import type { InventoryHost } from '../domain/inventory.ts'
import { enter } from './ansible/control-group.ts'
import { checkHost } from './ansible/encode.ts'
import { hostProgram } from './ansible/frame.ts'
import { eachLine } from './ansible/lines.ts'
import { inFolder, type RunFolder } from './ansible/run-folder.ts'
import { hasCertificate, makeCertificate } from './certificate.ts'
import { recordFrom } from './run-record.ts'
import type { Begun, DoorRefusal, DoorRequest, Ended, OpenDoor, WriteDoor } from './write-door.ts'

export type CertificateDoorOptions = {
  /** Text of the CA's private key, OpenSSH format. Read when a run begins, never kept. */
  readonly authority: () => string
  /** Address that certificates are bound to, as the hosts see it; null: any. */
  readonly sourceAddress: string | null
  /** Reads the host with the reading account. */
  readonly measure: (host: InventoryHost, requests: readonly ProbeRequest[]) => Promise<readonly Evidence[]>
}

export const actAccount = 'millwright-act'

/** On the host: run records, lock and fence. */
export const hostState = '/var/lib/millwright'

const beginMilliseconds = 12_000
/** The host's session takes up to 4 s to end what does not want to end. */
const finishMilliseconds = 6_000
const longestAnswerBytes = 64 * 1024
/** A session says a few short lines in all its time. */
const longestTalkBytes = 1024 * 1024

const Answer = z.union([
  z.object({ said: z.enum(['begun', 'duplicate', 'busy', 'recorded']) }),
  /** `seen`: the highest fence that the host has seen. */
  z.object({ said: z.literal('stale'), seen: z.int() }),
  z.object({ said: z.literal('ended'), how: z.string(), killed: z.int(), left: z.int() }),
])
type Answer = z.output<typeof Answer>

/** Options that hold for the connection and for everything that shares it. */
const strict = [
  '-F',
  'none',
  ...options('BatchMode=yes', 'StrictHostKeyChecking=yes', `UserKnownHostsFile=${inFolder.knownHosts}`),
  ...options('GlobalKnownHostsFile=/dev/null', 'UpdateHostKeys=no', 'CheckHostIP=no', 'IdentityAgent=none'),
  ...options('ServerAliveInterval=3', 'ServerAliveCountMax=2', 'ClearAllForwardings=yes', 'PermitLocalCommand=no'),
  ...options(`User=${actAccount}`, `ControlPath=${inFolder.control}`),
]

/** For the connection itself. */
const master = [
  ...strict,
  '-Txa',
  ...options('ControlMaster=yes', 'ForwardAgent=no', `IdentityFile=${inFolder.key}`, 'ControlPersist=no'),
  ...options('ConnectTimeout=5', 'IdentitiesOnly=yes', 'PreferredAuthentications=publickey'),
  ...options(`CertificateFile=${inFolder.key}-cert.pub`, 'LogLevel=ERROR'),
  // The same as for reading: the post-quantum exchange that OpenSSH prefers takes 70 ms of a processor more.
  ...options('KexAlgorithms=curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256'),
]

function options(...pairs: readonly string[]): readonly string[] {
  return pairs.flatMap((pair) => ['-o', pair])
}

/** The driver `certificate`. */
export function createCertificateDoor(settings: CertificateDoorOptions): WriteDoor {
  return {
    // Whoever finds no shared connection must not open one of its own.
    sshArguments: [...strict, ...options('ControlMaster=no', 'ProxyCommand=false')],
    prepare: (request) => makeCertificate(request, settings),
    begin: (request) => begin(request, settings),
    status: async (host, { run: id, fence }) => {
      return recordFrom(id, await settings.measure(host, [{ probe: 'run-record', params: { fence } }]))
    },
    cancel: (door) => door.finish('cancel'),
    end: (door) => door.finish('end'),
  }
}

async function begin(request: DoorRequest, settings: CertificateDoorOptions): Promise<Begun> {
  checkHost(request.host)
  if (!hasCertificate(request.folder)) await makeCertificate(request, settings)
  const connection = connect(request)
  const answer = await Promise.race([connection.first, sleep(beginMilliseconds, null, { ref: false })])
  if (answer?.said === 'begun') return { kind: 'open', door: connection.door }
  connection.child.kill('SIGKILL')
  const { name } = request.host
  if (answer?.said === 'stale')
    return { kind: 'refused', why: 'stale', says: olderSays(name, request.fence, answer.seen) }
  const why = answer === null ? refusalFrom(connection.complaint()) : refusals[answer.said]
  return { kind: 'refused', why, says: sentences[why](name) }
}

const refusals = {
  duplicate: 'duplicate',
  busy: 'busy',
  begun: 'unreachable',
  recorded: 'unreachable',
  ended: 'unreachable',
} as const

const sentences: Readonly<Record<Exclude<DoorRefusal, 'stale'>, (host: string) => string>> = {
  busy: (host) => `Another run is still alive on ${host}.`,
  duplicate: (host) => `${host} has a record of this run already: it is never carried out twice.`,
  'wrong-key': (host) => `The key of ${host} is not the pinned one.`,
  unreachable: (host) => `${host} did not let this run in.`,
}

function olderSays(host: string, fence: number, seen: number): string {
  const newer = `${host} has seen a newer lease (fence ${seen}) than this run's (fence ${fence})`
  return `${newer}: another Millwright changes it, or the database was restored from a backup (docs/backup.md).`
}

function refusalFrom(said: string): 'wrong-key' | 'unreachable' {
  return /host key verification failed|host key for .* has changed|no .* host key is known/i.test(said)
    ? 'wrong-key'
    : 'unreachable'
}

type Connection = {
  readonly child: ChildProcess
  readonly first: Promise<Answer | null>
  readonly door: OpenDoor
  /** What ssh and the host complained about first. */
  readonly complaint: () => string
}

function connect({ folder, host, ...request }: DoorRequest): Connection {
  const child = spawn(
    'ssh',
    [...master, ...options(`HostKeyAlias=${host.id}`, `Port=${host.port}`), '--', host.address, sessionCommand],
    {
      cwd: folder.path,
      env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', HOME: folder.path },
      stdio: [folder.recorded, 'pipe', 'pipe'],
      detached: true,
    },
  )
  if (child.pid !== undefined) enter(folder.group, child.pid)
  const program = hostProgram()
  const { run: id, planDigest: plan, fence, hardTimeoutSeconds: seconds } = request
  tell(folder, `${program.length}\n`)
  tell(folder, program)
  tell(folder, `${JSON.stringify({ run: id, plan, fence, seconds, state: hostState, account: actAccount })}\n`)
  return { child, complaint: listenTo(child), ...conversation(child, folder) }
}

/** Keeps the beginning, and lets go of a host that never stops talking: what it says costs us memory and time. */
function listenTo(child: ChildProcess): () => string {
  let heard = 0
  let complaint = ''
  const count = (chunk: Buffer): void => {
    heard += chunk.length
    if (heard > longestTalkBytes) child.kill('SIGKILL')
  }
  child.stdout?.on('data', (chunk: Buffer | string) => count(Buffer.from(chunk)))
  child.stderr?.on('data', (chunk: Buffer) => {
    count(chunk)
    complaint = (complaint + chunk.toString('utf8')).slice(0, longestAnswerBytes)
  })
  return () => complaint
}

/** Fixed: reads its own program from standard input, so that nothing of ours has to be installed for it. */
const sessionCommand = `sudo -n /usr/bin/python3 -I -c 'import sys;i=sys.stdin.buffer;exec(compile(i.read(int(i.readline())),"session","exec"))'`

function conversation(
  child: ChildProcess,
  folder: RunFolder,
): { readonly first: Promise<Answer | null>; readonly door: OpenDoor } {
  const first = Promise.withResolvers<Answer | null>()
  const recorded = Promise.withResolvers<void>()
  const last = Promise.withResolvers<Ended | null>()
  const output = child.stdout
  const read =
    output === null
      ? Promise.resolve()
      : eachLine(output, longestAnswerBytes, (line) => {
          const answer = answerFrom(line)
          if (answer === null) return
          first.resolve(answer)
          if (answer.said === 'recorded') recorded.resolve()
          if (answer.said === 'ended') last.resolve({ how: answer.how, killed: answer.killed, left: answer.left })
        })
  const closed = Promise.all([
    read,
    new Promise<void>((resolve) => {
      child.once('exit', () => resolve())
      child.once('error', () => resolve())
    }),
  ]).then(() => {
    first.resolve(null)
    last.resolve(null)
  })
  const finish = async (op: 'end' | 'cancel') => {
    tell(folder, `${JSON.stringify({ op })}\n`)
    return Promise.race([last.promise, sleep(finishMilliseconds, null, { ref: false })])
  }
  return { first: first.promise, door: { closed, recorded: recorded.promise, finish } }
}

function tell(folder: RunFolder, text: string | Uint8Array): void {
  try {
    writeSync(folder.record, Buffer.from(text))
  } catch {
    // The connection is gone; its silence is read as such.
  }
}

function answerFrom(line: string): Answer | null {
  try {
    return Answer.parse(JSON.parse(line))
  } catch {
    // Not one of ours: a host may print what it likes; only its own words count.
    return null
  }
}
