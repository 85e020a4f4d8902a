// Faults that no probe and no playbook was made for: what decides them has to stand in the evidence pack all the same.
// Each ends with a person. Only the proof `evidence-recall` breaks a host with them.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { application } from '../application.ts'
import { smallDiskPath } from '../disk.ts'
import type { Fault, Target } from '../fault.ts'
import { attemptInside, inside, systemctl } from '../inside.ts'
import { mendUnit, nginx } from '../nginx.ts'

export type StrangeFault = Pick<Fault, 'summary' | 'alert' | 'clue' | 'break' | 'heal'> & {
  readonly name: string
  /** The declared unit that the alert is about. */
  readonly unit: string
}

const sync = 'acme-sync.service'
const certificate = '/etc/nginx/tls/site.pem'
const socket = '/run/acme.sock'
const proxyFile = '/etc/nginx/conf.d/strange.conf'
const packageFolder = '/var/lib/acme-tools'

/** Of a site that nobody has: it ended on 2024-01-02. */
const endedCertificate = `-----BEGIN CERTIFICATE-----
MIIBDjCBtgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlzaXRlLnRlc3QwHhcN
MjMwMTAxMDAwMDAwWhcNMjQwMTAyMDAwMDAwWjAUMRIwEAYDVQQDDAlzaXRlLnRl
c3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQ685VzXI0kBfgPRWUT0tMBrVbD
WOgggt126FjUV0IDxSahVPg0a0/DDCnz009c0YzgQhyt+2KckRT8CXDOJn8HMAoG
CCqGSM49BAMCA0cAMEQCIBW3cZtTTF4BgyhSSwPtag5T4Q/bun7b7aGUVrd60QMZ
AiAhi2S5bvuRTmZXuzG0wtzO6R4cAof+KNe1rwb1xoFniw==
-----END CERTIFICATE-----
`

async function write({ root }: Target, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), text)
}

/** A unit's settings are changed by a file beside it, as a deployment would. */
function misconfigured(
  unit: string,
  {
    name,
    summary,
    lines,
    clue,
  }: Pick<StrangeFault, 'name' | 'summary' | 'clue'> & { readonly lines: readonly string[] },
): StrangeFault {
  const file = `/etc/systemd/system/${unit}.d/50-strange.conf`
  return {
    name,
    summary,
    alert: 'HostSystemdServiceCrashed',
    clue,
    unit,
    break: async (target) => {
      await write(target, file, `[Service]\n${lines.join('\n')}\n`)
      await systemctl(target.host, 'daemon-reload')
      await attemptInside(target.host, ['systemctl', 'restart', unit])
      // Whoever visits it meets the fault, too.
      await attemptInside(target.host, ['curl', '--silent', '--max-time', '3', 'http://127.0.0.1:8080/'])
    },
    heal: async (target) => {
      await rm(join(target.root, dirname(file)), { recursive: true, force: true })
      await systemctl(target.host, 'daemon-reload')
      await attemptInside(target.host, ['systemctl', 'stop', unit])
      await mendUnit(target, unit)
    },
  }
}

/** nginx hands requests on to something that does not take them. */
function proxied(
  name: string,
  summary: string,
  {
    to,
    clue,
    prepare,
  }: { readonly to: string; readonly clue: RegExp; readonly prepare: (target: Target) => Promise<unknown> },
): StrangeFault {
  return {
    name,
    summary,
    alert: 'BlackboxProbeFailed',
    clue,
    unit: nginx,
    break: async (target) => {
      await prepare(target)
      await write(target, proxyFile, `server { listen 8090; location / { proxy_pass ${to}; } }\n`)
      // A restart is over when it listens; of a reload nobody knows.
      await systemctl(target.host, 'restart', nginx)
      await attemptInside(target.host, ['curl', '--silent', '--max-time', '3', 'http://127.0.0.1:8090/'])
    },
    heal: async (target) => {
      await rm(join(target.root, proxyFile), { force: true })
      await attemptInside(target.host, ['rm', '-f', socket])
      await systemctl(target.host, 'restart', nginx)
    },
  }
}

const bindSocket = `import os, socket
one = socket.socket(socket.AF_UNIX)
one.bind('${socket}')
os.chmod('${socket}', 0o600)`

export const strangeFaults: readonly StrangeFault[] = [
  {
    name: 'certificate-ended',
    summary: 'The certificate of the site ended; nginx goes on with it.',
    alert: 'BlackboxProbeFailed',
    clue: /expired: \["\/etc\/nginx\/tls\/site\.pem"\]/,
    unit: nginx,
    break: (target) => write(target, certificate, endedCertificate),
    heal: ({ root }) => rm(join(root, dirname(certificate)), { recursive: true, force: true }),
  },
  proxied('upstream-dead', 'What nginx hands requests on to is gone.', {
    to: 'http://127.0.0.1:9',
    clue: /connect\(\) failed \(111: Connection refused\) while connecting to upstream/,
    prepare: () => Promise.resolve(),
  }),
  proxied('socket-denied', 'The socket of the application may be opened by root alone.', {
    to: `http://unix:${socket}:/`,
    clue: /\/run\/acme\.sock failed \(13: Permission denied\)/,
    prepare: ({ host }) => inside(host, ['python3', '-c', bindSocket]),
  }),
  {
    name: 'disk-read-only',
    summary: 'The disk of the logs may only be read any more, and nginx can not start again.',
    alert: 'HostSystemdServiceCrashed',
    clue: /Read-only file system|readOnly: true/,
    unit: nginx,
    break: async ({ host }) => {
      await systemctl(host, 'stop', nginx)
      await inside(host, ['mount', '-o', 'remount,bind,ro', smallDiskPath])
      await attemptInside(host, ['systemctl', 'start', nginx])
    },
    heal: async (target) => {
      await inside(target.host, ['mount', '-o', 'remount,bind,rw', smallDiskPath])
      await mendUnit(target, nginx)
    },
  },
  {
    name: 'package-half-configured',
    summary: 'The last deployment of a package broke off halfway.',
    alert: 'BlackboxProbeFailed',
    clue: /half-configured acme-tools/,
    unit: nginx,
    break: async (target) => {
      const control =
        'Package: acme-tools\nVersion: 2.0\nArchitecture: all\nMaintainer: nobody\nDescription: breaks off\n'
      await write(target, `${packageFolder}/DEBIAN/control`, control)
      await write(target, `${packageFolder}/DEBIAN/postinst`, '#!/bin/sh\nexit 1\n')
      await inside(target.host, ['chmod', '0755', `${packageFolder}/DEBIAN/postinst`])
      await inside(target.host, ['dpkg-deb', '--build', packageFolder, `${packageFolder}.deb`])
      await attemptInside(target.host, ['dpkg', '--install', `${packageFolder}.deb`])
    },
    heal: async (target) => {
      await attemptInside(target.host, ['dpkg', '--purge', '--force-all', 'acme-tools'])
      await attemptInside(target.host, ['rm', '-rf', packageFolder, `${packageFolder}.deb`])
    },
  },
  misconfigured(application, {
    name: 'descriptors-exhausted',
    summary: 'A limit of open files lets the application open nothing at all.',
    lines: ['LimitNOFILE=3'],
    clue: /openFilesMax: 3\b|Too many open files|Error 24/,
  }),
  misconfigured(application, {
    name: 'tasks-exhausted',
    summary: 'The application may have one task, and can answer nobody.',
    lines: ['TasksMax=1'],
    clue: /nearest: "tasks" nearestPercent: 100|can't start new thread|Resource temporarily unavailable/,
  }),
  misconfigured(application, {
    name: 'account-gone',
    summary: 'The account that the application runs as was removed.',
    lines: ['User=acme-runtime'],
    clue: /217\/USER/,
  }),
  misconfigured(sync, {
    name: 'name-not-resolved',
    summary: 'The job asks a name that nobody resolves any more.',
    lines: [
      'ExecStart=',
      'ExecStart=/usr/bin/curl --fail --silent --show-error --max-time 5 http://catalogue.acme.internal/',
    ],
    clue: /Could not resolve host: catalogue\.acme\.internal/,
  }),
]
