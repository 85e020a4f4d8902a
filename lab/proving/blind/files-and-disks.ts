// Blind faults of files, disks, packages and what keeps logs small.
import { join } from 'node:path'
import { smallDiskPath } from '../../disk.ts'
import { mendUnit, nginx } from '../../nginx.ts'
import { type BlindFault, edit, put, restartFails, restore, sh, trySh } from './hands.ts'

const crashed = { alert: 'HostSystemdServiceCrashed', unit: nginx } as const
const unserved = { alert: 'BlackboxProbeFailed', unit: nginx } as const
const mainFile = '/etc/nginx/nginx.conf'
const errorLog = join(smallDiskPath, 'error.log')

const readOnlyDisk: BlindFault = {
  ...crashed,
  name: 'disk-became-read-only',
  summary: "The disk of the logs was remounted read-only after an error; nginx can't open its logs for writing.",
  clue: /read-only file system|EROFS|readOnly\W{1,4}true|\/var\/log\/nginx[^\n]{0,60}\bro\b/i,
  break: async (target) => {
    await sh(target, `systemctl stop ${nginx}; mount -o remount,ro ${smallDiskPath}`)
    await restartFails(target, nginx)
  },
  heal: async (target) => {
    await sh(target, `mount -o remount,rw ${smallDiskPath}`)
    await mendUnit(target, nginx)
  },
}

const immutableLog: BlindFault = {
  ...crashed,
  name: 'log-made-immutable',
  summary: 'An auditor made the access log immutable; nginx may not open it for writing any more.',
  clue: /access\.log[^\n]{0,60}operation not permitted|immutable|chattr|----i---/i,
  break: async (target) => {
    await sh(target, `chattr +i ${smallDiskPath}/access.log`)
    await restartFails(target, nginx)
  },
  heal: async (target) => {
    await sh(target, `chattr -i ${smallDiskPath}/access.log`)
    await mendUnit(target, nginx)
  },
}

const debugLog: BlindFault = {
  alert: 'HostOutOfDiskSpace',
  unit: nginx,
  name: 'debug-log-left-on',
  summary: 'Somebody left the error log at debug: it fills its disk.',
  clue: /\[debug\]|error_log [^\n;]{0,80} debug/,
  break: async (target) => {
    await edit(target, mainFile, (text) => text.replace(`error_log ${errorLog};`, `error_log ${errorLog} debug;`))
    const line = '2026/11/21 04:11:09 [debug] 812#812: *77 http script var: "/tiles/17/70402/42987.png"'
    const grow = `head -c 58000000 >> ${errorLog}`
    await sh(target, `systemctl restart ${nginx}; yes '${line}' | ${grow}; curl -s -o /dev/null http://127.0.0.1/`)
  },
  heal: async (target) => {
    await restore(target, mainFile)
    await sh(target, `: > ${errorLog}; systemctl restart ${nginx}`)
  },
}

const danglingRelease: BlindFault = {
  ...unserved,
  name: 'site-points-to-pruned-release',
  summary: "The site's folder is a link to a release that a clean-up removed: every page is a 404.",
  clue: /releases\/20261120[\s\S]{0,160}(?:missing|no such file|not exist|dangling|broken|absent|exists\W{1,4}false)|(?:missing|dangling|broken|no such file)[^\n]{0,120}releases\/20261120|html -> \S*releases\/20261120/i,
  break: (target) =>
    sh(
      target,
      'mkdir -p /srv/releases; mv /var/www/html /srv/releases/20261113; ln -s /srv/releases/20261120 /var/www/html',
    ).then(() => undefined),
  heal: (target) =>
    sh(
      target,
      'test -L /var/www/html || exit 0; rm /var/www/html; mv /srv/releases/20261113 /var/www/html; rm -r /srv/releases',
    ).then(() => undefined),
}

const indexRemoved: BlindFault = {
  ...unserved,
  name: 'first-page-removed',
  summary: 'A delivery with the wrong source folder removed the first page of the site.',
  clue: /directory index of "\/var\/www\/html\/" is forbidden|index\.html[^\n]{0,60}(?:missing|no such file|not exist|removed)/i,
  break: (target) =>
    sh(target, 'mkdir -p /var/www/.kept; mv /var/www/html/index*.html /var/www/.kept/').then(() => undefined),
  heal: (target) =>
    sh(target, 'test ! -d /var/www/.kept || { mv /var/www/.kept/* /var/www/html/; rmdir /var/www/.kept; }').then(
      () => undefined,
    ),
}

const logrotateTwice: BlindFault = {
  alert: 'HostSystemdServiceCrashed',
  unit: 'logrotate.service',
  name: 'rotation-configured-twice',
  summary:
    'A copy of a rotation file was left beside it: logrotate refuses to rotate a log twice and ends with a failure.',
  clue: /duplicate log entry/i,
  break: async (target) => {
    await sh(target, 'cp /etc/logrotate.d/nginx /etc/logrotate.d/nginx.bak-20261120')
    await restartFails(target, 'logrotate.service')
  },
  heal: (target) =>
    trySh(target, 'rm -f /etc/logrotate.d/nginx.bak-20261120; systemctl reset-failed logrotate.service'),
}

const brokenUpgrade: BlindFault = {
  ...crashed,
  name: 'upgrade-interrupted',
  summary: 'An upgrade of nginx was interrupted between unpacking and configuring: its program is not there.',
  clue: /half-(?:installed|configured)|nginx\.dpkg-new|\bi[HUF]R?\s+nginx/,
  break: async (target) => {
    const now = '$(date "+%F %T")'
    await edit(target, '/var/lib/dpkg/status', (text) =>
      text.replace(/(Package: nginx\nStatus: install ok )installed/, '$1half-installed'),
    )
    await sh(
      target,
      [
        'mv /usr/sbin/nginx /usr/sbin/nginx.dpkg-new',
        `echo "${now} upgrade nginx:amd64 1.22.1-9 1.22.1-9+deb12u1" >> /var/log/dpkg.log`,
        `echo "${now} status half-installed nginx:amd64 1.22.1-9" >> /var/log/dpkg.log`,
      ].join('; '),
    )
    await restartFails(target, nginx)
  },
  heal: async (target) => {
    await restore(target, '/var/lib/dpkg/status')
    const ours = '/nginx:amd64 1.22.1-9$/d; /1.22.1-9+deb12u1$/d'
    await trySh(target, `mv /usr/sbin/nginx.dpkg-new /usr/sbin/nginx; sed -i '${ours}' /var/log/dpkg.log`)
    await mendUnit(target, nginx)
  },
}

const staleLock: BlindFault = {
  alert: 'HostSystemdServiceCrashed',
  unit: 'acme-sync.service',
  name: 'stale-lock',
  summary: 'The job refuses to run beside a run that was killed long ago and left its lock.',
  clue: /acme-sync\.lock|lock[^\n]{0,60}\bpid 4711\b/,
  break: async (target) => {
    await put(target, '/var/lib/acme/acme-sync.lock', '4711\n')
    await sh(target, 'touch -d "2 days ago" /var/lib/acme/acme-sync.lock')
    await edit(target, '/usr/local/bin/acme-sync', (text) =>
      text.replace(
        'import sys\n',
        'import sys\n\nif pathlib.Path("/var/lib/acme/acme-sync.lock").exists():\n    sys.exit("acme-sync: another run is in progress")\n',
      ),
    )
    await restartFails(target, 'acme-sync.service')
  },
  heal: async (target) => {
    await trySh(target, 'rm -f /var/lib/acme/acme-sync.lock')
    await restore(target, '/usr/local/bin/acme-sync')
    await mendUnit(target, 'acme-sync.service')
  },
}

export const filesAndDisks: readonly BlindFault[] = [
  readOnlyDisk,
  immutableLog,
  debugLog,
  danglingRelease,
  indexRemoved,
  logrotateTwice,
  brokenUpgrade,
  staleLock,
]
