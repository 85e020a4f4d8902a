// Whom an onboarded host lets in. The layer is the same for all; these files make it one host's, and are read at each
// log-in.
import { randomInt } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readUser } from '../runtime/ssh.ts'

/** The public keys that let one installation of Millwright in. */
export type Access = { readonly readPublicKey: string; readonly authorityPublicKey: string }

/** Makes a mounted tree of that layer the host's own: whom it lets in, and under which name. */
export async function admitMillwright(
  root: string,
  hostId: string,
  { readPublicKey, authorityPublicKey }: Access,
): Promise<void> {
  const files = {
    'etc/millwright/host-id': hostId,
    'etc/ssh/millwright/principals': `run:${hostId}`,
    'etc/ssh/millwright/read_keys': `restrict ${readPublicKey}`,
    'etc/ssh/millwright/user_ca.pub': authorityPublicKey,
  }
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(root, path, '..'), { recursive: true })
    await writeFile(join(root, path), `${text}\n`, { mode: 0o644 })
  }
  await numberReader(root)
}

/**
 * Gives the reading account a number of its own. The hosts of all labs share one kernel, which counts an account's
 * processes by number: with one number for all, a limit that is ample on a machine ends probes of a crowded lab. A tree
 * that is yet to be onboarded has no such account.
 */
async function numberReader(root: string): Promise<void> {
  const path = join(root, 'etc/passwd')
  const text = await readFile(path, 'utf8')
  await writeFile(path, text.replace(new RegExp(`^(${readUser}:[^:]*):\\d+:`, 'm'), `$1:${randomInt(10_000, 60_000)}:`))
}
