// The secrets of one installation in the lab, made anew each time.
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'

export type Keys = {
  /** Private key files, OpenSSH format, 0600. */
  readonly read: string
  readonly authority: string
  readonly readPublic: string
  readonly authorityPublic: string
  /** What Alertmanager shows to the gateway; a file, 0600. */
  readonly bearer: string
}

export async function makeKeys(folder: string): Promise<Keys> {
  const [read, authority, bearer] = [join(folder, 'read_key'), join(folder, 'user_ca'), join(folder, 'webhook.token')]
  await Promise.all([
    makeKey(read, 'millwright reading'),
    makeKey(authority, 'millwright authority'),
    writeFile(bearer, randomBytes(24).toString('hex'), { mode: 0o600 }),
  ])
  return { read, authority, bearer, readPublic: await publicOf(read), authorityPublic: await publicOf(authority) }
}

async function makeKey(file: string, comment: string): Promise<void> {
  await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', file])
}

async function publicOf(file: string): Promise<string> {
  return (await readFile(`${file}.pub`, 'utf8')).trim()
}
