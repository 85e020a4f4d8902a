// What systemd was told, and what it waits for.
import type { StrangeFault } from '../strange-faults.ts'
import { crashedApplication, dropIn, fails, fault, file, proxied, unservedApplication, unservedWeb } from './hands.ts'

const unitFile = '/etc/systemd/system/acme-app.service'
const migration = (lines: string): string =>
  `${file('/usr/local/bin/acme-migrate', `#!/bin/bash\n${lines}`)}chmod +x /usr/local/bin/acme-migrate\n`
const waiter = `#!/bin/bash
echo "waiting for $1:$2"
until (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; do sleep 1; done`

export const units: readonly StrangeFault[] = [
  fault({
    ...crashedApplication,
    name: 'not-reloaded',
    summary: 'The program moved and its unit was changed, and nobody reloaded systemd before the restart.',
    clue: /changed on disk|NeedDaemonReload\W{1,4}(?:yes|true)|\/opt\/acme\/acme-app/i,
    broken: `mkdir -p /opt/acme; mv /usr/local/bin/acme-app /opt/acme/
sed -i s#/usr/local/bin/acme-app#/opt/acme/acme-app# ${unitFile}
${fails('acme-app')}`,
    undo: 'rm -rf /opt/acme',
  }),
  fault({
    ...unservedWeb,
    name: 'disabled-at-boot',
    summary: 'The web server is disabled, so it did not come after the restart of the host; nothing of it is logged.',
    clue: /UnitFileState\W{1,4}disabled|nginx(?:\.service)?\b[^\n]{0,80}\bdisabled\b/i,
    // A host of the lab can't boot twice: it is left as its boot would have left it.
    broken: 'systemctl disable --now --quiet nginx; journalctl --quiet --rotate --vacuum-time=1s',
    undo: 'systemctl enable --quiet nginx',
  }),
  fault({
    ...unservedApplication,
    name: 'migration-failed',
    summary:
      'The application requires a migration, which failed: systemd does not start it, and no unit of its own failed.',
    clue: /acme-migrate(?:\.service)?\b[^\n]*(?:fail|exit|status=1)|0042_orders/i,
    before: `${migration('echo "migration 0041_baskets: done"')}
${file('/etc/systemd/system/acme-migrate.service', '[Service]\nType=oneshot\nExecStart=/usr/local/bin/acme-migrate')}
${dropIn('acme-app.service', '[Unit]\nRequires=acme-migrate.service\nAfter=acme-migrate.service')}
systemctl restart acme-app\n${proxied}`,
    broken: `${migration('echo "migration 0042_orders: column currency already exists" >&2; exit 1')}${fails('acme-app')}`,
  }),
  fault({
    ...unservedWeb,
    name: 'conflicting-unit',
    summary: 'A maintenance unit conflicts with nginx: starting it stopped nginx, and it never ended.',
    clue: /acme-maintenance/,
    broken: `${file(
      '/etc/systemd/system/acme-maintenance.service',
      '[Unit]\nConflicts=nginx.service\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true',
    )}systemctl daemon-reload; systemctl start acme-maintenance`,
    undo: 'systemctl stop acme-maintenance',
  }),
  fault({
    ...unservedApplication,
    name: 'waits-for-database',
    summary: 'What runs before the application waits without end for a database that moved to another host.',
    clue: /bin\/wait-for\b|db\.acme\.internal|start-pre\b/,
    before: proxied,
    broken: `${file('/usr/local/bin/wait-for', waiter)}chmod +x /usr/local/bin/wait-for
echo '127.0.0.1 db.acme.internal' >> /etc/hosts
${dropIn('acme-app.service', '[Service]\nTimeoutStartSec=infinity\nExecStartPre=/usr/local/bin/wait-for db.acme.internal 5432')}
systemctl restart --no-block acme-app`,
  }),
]
