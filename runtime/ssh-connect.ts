// One SSH connection for reading: the host must show a pinned key, and nothing but our own key is offered.
import { NodeSSH } from 'node-ssh'
import { Failure } from '../domain/failure.ts'

/** What is needed to reach a host. */
export type SshTarget = {
  readonly id: string
  readonly name: string
  readonly address: string
  readonly port: number
  /** Pinned public keys, OpenSSH format (`ssh-ed25519 AAAA…`); without one no connection is made. */
  readonly hostKeys: readonly string[]
}

export type SshLogin = { readonly username: string; readonly privateKey: string }

/** From the first packet to "logged in". */
const connectMilliseconds = 10_000
/** A link that was cut silently is noticed after this times `keepaliveCount`. */
const keepaliveMilliseconds = 5_000
const keepaliveCount = 2

/**
 * Fixed lists: the fast and sound ones that Debian's OpenSSH offers, so that nobody on the way can choose worse ones.
 */
const algorithms = {
  kex: ['curve25519-sha256', 'curve25519-sha256@libssh.org', 'ecdh-sha2-nistp256'],
  cipher: [
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'chacha20-poly1305@openssh.com',
    'aes128-ctr',
    'aes256-ctr',
  ],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com'],
  compress: ['none'],
} as const

/** Signature schemes by which a host may prove that it has a key of the type. */
const schemes: Readonly<Record<string, readonly string[]>> = { 'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'] }

/**
 * Connects and logs in. `closed` is called once when the connection ends, however it ends.
 * Throws `host.unknown-key` when the host shows any other key than a pinned one (a finding, never to be tried again),
 * and `host.unreachable` for everything else.
 */
export async function connectSsh(target: SshTarget, login: SshLogin, closed: () => void): Promise<NodeSSH> {
  const pinned = target.hostKeys.map((line) => pinnedKey(target, line))
  if (pinned.length === 0) throw notPinned(target)
  let shown: Buffer | null = null
  const ssh = new NodeSSH()
  const connecting = ssh.connect({
    host: target.address,
    port: target.port,
    username: login.username,
    privateKey: login.privateKey,
    authHandler: ['publickey'],
    readyTimeout: connectMilliseconds,
    keepaliveInterval: keepaliveMilliseconds,
    keepaliveCountMax: keepaliveCount,
    algorithms: {
      ...algorithms,
      serverHostKey: [...new Set(pinned.flatMap((key) => schemes[key.type] ?? [key.type]))],
    },
    // ssh2 accepts any host key unless it is given a verifier.
    hostVerifier: (key: Buffer) => {
      shown = key
      return pinned.some((one) => one.bytes.equals(key))
    },
  })
  // node-ssh stops listening for errors once it is connected; an error that nobody hears would end our process.
  ssh.connection?.on('error', () => undefined)
  ssh.connection?.on('close', closed)
  // With Nagle's algorithm on, every step of the handshake and every exchange waits for the other side's delayed
  // acknowledgement, 40 ms.
  ssh.connection?.setNoDelay(true)
  try {
    await connecting
  } catch (cause) {
    ssh.dispose()
    throw connectFailure({ target, pinned, shown, cause })
  }
  return ssh
}

type PinnedKey = { readonly type: string; readonly bytes: Buffer }

function pinnedKey(target: SshTarget, line: string): PinnedKey {
  const [type, base64] = line.trim().split(/\s+/)
  if (type !== undefined && base64 !== undefined) return { type, bytes: Buffer.from(base64, 'base64') }
  throw new Failure({
    code: 'config.invalid',
    message: `A pinned host key of ${target.name} in the inventory is not a public key.`,
    hint: 'Write it as sshd shows it: ssh-ed25519 AAAA…',
  })
}

type Attempt = {
  readonly target: SshTarget
  readonly pinned: readonly PinnedKey[]
  readonly shown: Buffer | null
  readonly cause: unknown
}

function connectFailure({ target, pinned, shown, cause }: Attempt): Failure {
  const says = cause instanceof Error ? cause.message : ''
  const otherKey = shown !== null && !pinned.some((one) => one.bytes.equals(shown))
  // A host that no longer has a key of the pinned type has changed its identity just as well.
  if (otherKey || says.includes('no matching host key format')) {
    return new Failure({
      code: 'host.unknown-key',
      message: `${target.address} did not show the key that is pinned for ${target.name}; nothing was sent to it.`,
      hint: 'Find out why before pinning another key: the machine was replaced, or somebody stands in between.',
      cause,
    })
  }
  const refused = says.includes('authentication methods failed')
  return new Failure({
    code: 'host.unreachable',
    message: refused
      ? `${target.name} refuses the reading key.`
      : `${target.name} can't be reached at ${target.address}, port ${target.port}.`,
    hint: refused
      ? 'Run playbooks/onboard-host on it with this installation’s read key.'
      : 'Is it up, and reachable from this zone?',
    cause,
  })
}

function notPinned(target: SshTarget): Failure {
  return new Failure({
    code: 'host.unknown-key',
    message: `The inventory pins no host key for ${target.name}, so no connection is made.`,
    hint: `Add its public host key to hostKeys of ${target.id} in the inventory.`,
  })
}
