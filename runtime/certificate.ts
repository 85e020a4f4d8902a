// The key of one run and its certificate, made by `ssh-keygen` in the run's private folder.
import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../domain/failure.ts'
import { inFolder, type RunFolder } from './ansible/run-folder.ts'
import type { DoorRequest } from './write-door.ts'

export type Authority = {
  /** Text of the CA's private key, OpenSSH format. Read when a run begins, never kept. */
  readonly authority: () => string
  /** Address that certificates are bound to, as the hosts see it; null: any. */
  readonly sourceAddress: string | null
}

/** A certificate lives this much longer than the run's hard time-out. */
const extraSeconds = 60
const longestSeconds = 600
/** Hosts' clocks may be behind ours by this much. */
const clockSkewSeconds = 60
const keygenMilliseconds = 5_000

export type CertificateRequest = Pick<DoorRequest, 'run' | 'host' | 'folder' | 'hardTimeoutSeconds'>

export function hasCertificate({ path }: RunFolder): boolean {
  return existsSync(join(path, `${inFolder.key}-cert.pub`))
}

/** For this host only, in the run's name, without any extension. Throws `run.refused`. */
export async function makeCertificate(
  request: CertificateRequest,
  { authority, sourceAddress }: Authority,
): Promise<void> {
  const key = join(request.folder.path, inFolder.key)
  const seconds = Math.min(request.hardTimeoutSeconds + extraSeconds, longestSeconds)
  await keygen(['-q', '-t', 'ed25519', '-N', '', '-C', request.run, '-f', key])
  const signing = openNameless(`${key}.authority`, authority())
  try {
    const subject = ['-I', request.run, '-n', `run:${request.host.id}`, '-V', `-${clockSkewSeconds}s:+${seconds}s`]
    const bound = sourceAddress === null ? [] : ['-O', `source-address=${sourceAddress}`]
    await keygen(['-q', '-s', '/proc/self/fd/3', ...subject, '-O', 'clear', ...bound, `${key}.pub`], signing)
  } finally {
    closeSync(signing)
  }
}

/** The CA's key passes through a file that has no name any more when anybody could look for it. */
function openNameless(path: string, secret: string): number {
  writeFileSync(path, secret.endsWith('\n') ? secret : `${secret}\n`, { mode: 0o600, flag: 'wx' })
  try {
    return openSync(path, 'r')
  } finally {
    unlinkSync(path)
  }
}

async function keygen(args: readonly string[], inherited?: number): Promise<void> {
  const child = spawn('ssh-keygen', args, {
    stdio: ['ignore', 'ignore', 'ignore', ...(inherited === undefined ? [] : [inherited])],
    timeout: keygenMilliseconds,
    env: { PATH: '/usr/bin:/bin' },
  })
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null))
    child.once('exit', resolve)
  })
  if (code === 0) return
  throw new Failure({
    code: 'run.refused',
    message: 'The run’s certificate can’t be made.',
    hint: 'See that `ssh.certificateAuthority` in the config names a private key in OpenSSH format without a passphrase.',
  })
}
