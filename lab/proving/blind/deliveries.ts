// Blind faults that came with a delivery of the team's own programs.
import { application } from '../../application.ts'
import { mendUnit, nginx } from '../../nginx.ts'
import {
  appFile,
  type BlindFault,
  badProgram,
  badSetting,
  dropIn,
  edit,
  put,
  restartFails,
  restore,
  sh,
  siteAsBefore,
  sync,
  syncFile,
  throughApplication,
  trySh,
  withoutDropIn,
} from './hands.ts'

const appCrashed = { alert: 'HostSystemdServiceCrashed', unit: application } as const
const syncCrashed = { alert: 'HostSystemdServiceCrashed', unit: sync } as const

const moduleMissing: BlindFault = {
  ...appCrashed,
  ...badProgram(application, appFile, (text) =>
    text.replace('import http.server', 'import acme_billing\nimport http.server'),
  ),
  name: 'library-not-installed',
  summary: 'The new version imports a library that was not installed with it.',
  clue: /No module named [^\n]{0,4}acme_billing|acme_billing[^\n]{0,60}(?:not found|missing|not installed)/i,
}

const mergeConflict: BlindFault = {
  ...appCrashed,
  ...badProgram(application, appFile, (text) =>
    text.replace('kept = []', '<<<<<<< HEAD\nkept = []\n=======\nkept = {}\n>>>>>>> feature/keep-by-key'),
  ),
  name: 'merge-conflict-delivered',
  summary: 'A file with an unresolved merge conflict was delivered.',
  clue: /<<<<<<< |SyntaxError/,
}

const notExecutable: BlindFault = {
  ...syncCrashed,
  name: 'program-not-executable',
  summary: 'The delivery copied the job without its execute bit.',
  clue: /acme-sync[^\n]{0,80}permission denied|permission denied[^\n]{0,80}acme-sync|(?:\b0?644\b|-rw-r--r--)[^\n]{0,80}bin\/acme-sync|bin\/acme-sync[^\n]{0,80}(?:\b0?644\b|-rw-r--r--|not executable)/i,
  break: async (target) => {
    await sh(target, `chmod 644 ${syncFile}`)
    await restartFails(target, sync)
  },
  heal: async (target) => {
    await sh(target, `chmod 755 ${syncFile}`)
    await mendUnit(target, sync)
  },
}

const windowsLines: BlindFault = {
  ...syncCrashed,
  ...badProgram(sync, syncFile, (text) => text.replaceAll('\n', '\r\n')),
  name: 'windows-line-ends',
  summary: 'The job was saved with Windows line ends: its interpreter "python3\\r" does not exist.',
  clue: /python3(?:\\r|\^M|\r|\\u000d|\\x0d)|CRLF|carriage return|bad interpreter/i,
}

const accountRemoved: BlindFault = {
  ...appCrashed,
  ...badSetting(application, '[Service]\nUser=acme\n'),
  name: 'account-removed',
  summary: 'The account that the application runs as was removed in a clean-up.',
  clue: /217\/USER|determine user credentials|unknown user|user acme[^\n]{0,40}(?:not exist|missing|unknown)/i,
}

const workingFolderGone: BlindFault = {
  ...appCrashed,
  name: 'release-folder-pruned',
  summary: 'A clean-up of old releases removed the one that "current" points to.',
  clue: /200\/CHDIR|requested working directory failed|\/srv\/acme\/current[^\n]{0,120}(?:no such file|missing|dangling|broken|not exist)/i,
  break: async (target) => {
    await sh(target, 'mkdir -p /srv/acme/releases && ln -sfn releases/118 /srv/acme/current')
    await dropIn(target, application, '[Service]\nWorkingDirectory=/srv/acme/current\n')
    await restartFails(target, application)
  },
  heal: async (target) => {
    await withoutDropIn(target, application)
    await trySh(target, 'rm -rf /srv/acme')
    await mendUnit(target, application)
  },
}

const systemCallFilter: BlindFault = {
  ...appCrashed,
  ...badSetting(application, '[Service]\nSystemCallFilter=~@network-io\n'),
  name: 'hardened-too-far',
  summary: 'A hardening drop-in forbids the system calls that a server needs.',
  clue: /SIGSYS|31\/SYS|SystemCallFilter|signal:? "?(?:31|SYS)\b/,
}

const neverReady: BlindFault = {
  ...appCrashed,
  ...badSetting(application, '[Service]\nType=notify\nTimeoutStartSec=2\n'),
  name: 'never-says-ready',
  summary: 'The unit became Type=notify; the application never tells systemd that it is ready, and is ended.',
  clue: /type\W{1,4}notify/i,
}

const watchdogUnfed: BlindFault = {
  ...appCrashed,
  ...badSetting(application, '[Service]\nWatchdogSec=1\nTimeoutStartSec=5\n'),
  name: 'watchdog-unfed',
  summary: 'A watchdog was set for an application that never feeds it.',
  clue: /watchdog timeout|result\W{1,4}watchdog|WatchdogSec=1|watchdog[^\n]{0,20}expired/i,
}

const settingsUnreadable: BlindFault = {
  ...appCrashed,
  name: 'settings-unreadable',
  summary: 'The settings were delivered with the wrong owner; the application may not read them.',
  clue: /permission(?:error| denied)[^\n]{0,80}\/etc\/acme\/app\.conf|\/etc\/acme\/app\.conf[^\n]{0,80}(?:permission denied|\b0?600\b|-rw-------)/i,
  break: async (target) => {
    await put(target, '/etc/acme/app.conf', 'workers = 4\n')
    await sh(target, 'chmod 600 /etc/acme/app.conf')
    await edit(target, appFile, (text) =>
      text.replace('kept = []', 'settings = open("/etc/acme/app.conf").read()\nkept = []'),
    )
    await dropIn(target, application, '[Service]\nUser=www-data\n')
    await restartFails(target, application)
  },
  heal: async (target) => {
    await restore(target, appFile)
    await trySh(target, 'rm -rf /etc/acme')
    await withoutDropIn(target, application)
    await mendUnit(target, application)
  },
}

const badSettingValue: BlindFault = {
  ...appCrashed,
  name: 'setting-misspelt',
  summary: 'A letter slipped into the port number of the environment file.',
  clue: /80a0/,
  break: async (target) => {
    await edit(target, '/etc/default/acme-app', (text) => `${text}PORT=80a0\n`)
    await edit(target, appFile, (text) =>
      text
        .replace('import http.server', 'import http.server\nimport os')
        .replace('8080), Handler', 'int(os.environ["PORT"])), Handler'),
    )
    await restartFails(target, application)
  },
  heal: async (target) => {
    await restore(target, '/etc/default/acme-app')
    await restore(target, appFile)
    await mendUnit(target, application)
  },
}

const migrationFailed: BlindFault = {
  alert: 'BlackboxProbeFailed',
  unit: nginx,
  name: 'migration-failed-before',
  summary: 'The site answers 502: the application waits for a migration, and the migration failed.',
  clue: /acme-migrate[^\n]{0,160}(?:fail|exit|checksum)|checksum of migration 0042/i,
  break: async (target) => {
    const lines = [
      '[Unit]\nDescription=ACME database migration\n[Service]\nType=oneshot',
      'ExecStart=/bin/sh -c "echo acme-migrate: checksum of migration 0042 differs from the applied one >&2; exit 4"',
    ]
    await put(target, '/etc/systemd/system/acme-migrate.service', `${lines.join('\n')}\n`)
    await dropIn(target, application, '[Unit]\nRequires=acme-migrate.service\nAfter=acme-migrate.service\n')
    await throughApplication(target)
    await sh(target, `systemctl reload ${nginx}; systemctl restart ${application} || true`)
  },
  heal: async (target) => {
    await trySh(target, 'rm -f /etc/systemd/system/acme-migrate.service')
    await withoutDropIn(target, application)
    await trySh(target, 'systemctl reset-failed acme-migrate.service')
    await mendUnit(target, application)
    await siteAsBefore(target)
  },
}

const otherPort: BlindFault = {
  alert: 'BlackboxProbeFailed',
  unit: nginx,
  name: 'application-on-another-port',
  summary: 'The new version listens on 8090; nginx still asks 8080.',
  clue: /\b8090\b/,
  break: async (target) => {
    await throughApplication(target)
    await edit(target, appFile, (text) => text.replace('8080), Handler', '8090), Handler'))
    await sh(target, `systemctl reload ${nginx}; systemctl restart ${application}`)
  },
  heal: async (target) => {
    await restore(target, appFile)
    await sh(target, `systemctl restart ${application}`)
    await siteAsBefore(target)
  },
}

export const deliveries: readonly BlindFault[] = [
  moduleMissing,
  mergeConflict,
  notExecutable,
  windowsLines,
  accountRemoved,
  workingFolderGone,
  systemCallFilter,
  neverReady,
  watchdogUnfed,
  settingsUnreadable,
  badSettingValue,
  migrationFailed,
  otherPort,
]
