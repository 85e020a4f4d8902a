import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import type { Fault, Target } from '../fault.ts'
import { webProblems } from '../nginx.ts'

const readable = 0o755

const siteOf = ({ root }: Target): string => join(root, 'var/www/html')

export default {
  summary: 'nginx runs, listens and accepts its configuration, but may not read its site any more: visitors get 403.',
  alert: 'BlackboxProbeFailed',
  clue: /Permission denied/,
  ending: { kind: 'handed-over', why: 'No signature knows it, and no shipped playbook changes permissions.' },
  novel: true,
  mayChange: { units: [], ports: [], files: [] },
  break: (target) => chmod(siteOf(target), 0),
  judge: async (target) => ({ problems: await webProblems(target), collateral: [] }),
  heal: (target) => chmod(siteOf(target), readable),
} satisfies Fault
