import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { application, applicationProblems } from '../application.ts'
import type { Fault } from '../fault.ts'
import { attemptInside } from '../inside.ts'
import { mendUnit, unitBecomes } from '../nginx.ts'

const environment = '/etc/default/acme-app'

export default {
  summary: "The team's application was restarted while its environment file was being replaced; the file is back.",
  alert: 'HostSystemdServiceCrashed',
  clue: /result: \\*"resources/,
  // No signature knows an end for want of resources: only who looks sees that a start would succeed now.
  ending: { kind: 'repaired', by: ['service-restart'] },
  novel: true,
  mayChange: { units: [application], ports: [8080], files: [] },
  break: async (target) => {
    const path = join(target.root, environment)
    await rename(path, `${path}.new`)
    await attemptInside(target.host, ['systemctl', 'restart', application])
    await unitBecomes(target, application, 'failed')
    await rename(`${path}.new`, path)
  },
  judge: async (target) => ({ problems: await applicationProblems(target), collateral: [] }),
  heal: (target) => mendUnit(target, application),
} satisfies Fault
