// Whom an onboarded host lets in. The layer is the same for all; these files make it one host's, and are read at each
// log-in.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

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
}
