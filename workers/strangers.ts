// Names in the config that nothing has: no error, and surely not meant.
import { nearest } from '../domain/nearest.ts'
import type { Config } from '../runtime/config.ts'

/**
 * Environments of `playbooks` that no host is in. What is mistyped there leaves its hosts to `'*'`, which may do more.
 */
export function strangeEnvironments(
  { playbooks }: Pick<Config, 'playbooks'>,
  hosts: readonly { readonly environment: string }[],
): readonly string[] {
  const known = [...new Set(hosts.map(({ environment }) => environment))]
  if (known.length === 0) return []
  return Object.entries(playbooks).flatMap(([playbook, modes]) =>
    Object.keys(modes)
      .filter((name) => name !== '*' && !known.includes(name))
      .map((name) => {
        const close = nearest(name, known)
        const meant =
          close === null
            ? ''
            : ` Did you mean ${close}? Its hosts are \`${modes[close] ?? modes['*'] ?? 'draft'}\` now.`
        return `No host is in the environment ${name}, which playbooks.${playbook} names.${meant}`
      }),
  )
}
