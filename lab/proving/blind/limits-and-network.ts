// Blind faults of processes, limits, memory, names and routes.
import { setTimeout as sleep } from 'node:timers/promises'
import { application } from '../../application.ts'
import type { Target } from '../../fault.ts'
import { mendUnit, nginx, portIsTaken } from '../../nginx.ts'
import { run } from '../../run.ts'
import {
  alongside,
  appFile,
  type BlindFault,
  badProgram,
  badSite,
  dropIn,
  edit,
  endAlongside,
  poller,
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

const unserved = { alert: 'BlackboxProbeFailed', unit: nginx } as const
const crowd = 'acme-poller.service'
const settledMs = 1500

const connectionsExhausted: BlindFault = {
  ...unserved,
  name: 'connections-exhausted',
  summary: 'A neighbour holds all the connections that nginx may have.',
  clue: /worker_connections are not enough|worker_connections[^\n]{0,40}(?:exhausted|reached|exceeded)/i,
  break: async (target) => {
    await edit(target, '/etc/nginx/nginx.conf', (text) =>
      text.replace('worker_connections 768', 'worker_connections 12'),
    )
    await sh(target, `systemctl restart ${nginx}`)
    await alongside(target, crowd, poller(80, 80))
    await sleep(settledMs)
  },
  heal: async (target) => {
    await endAlongside(target, crowd)
    await restore(target, '/etc/nginx/nginx.conf')
    await sh(target, `systemctl restart ${nginx}`)
  },
}

const filesExhausted: BlindFault = {
  ...unserved,
  name: 'too-many-open-files',
  summary: 'The unit of nginx was given so few open files that a handful of slow visitors exhaust them.',
  clue: /too many open files|EMFILE/i,
  break: async (target) => {
    await dropIn(target, nginx, '[Service]\nLimitNOFILE=20\n')
    await sh(target, `systemctl restart ${nginx}`)
    await alongside(target, crowd, poller(80, 120))
    await sleep(settledMs)
  },
  heal: async (target) => {
    await endAlongside(target, crowd)
    await withoutDropIn(target, nginx)
    await sh(target, `systemctl restart ${nginx}`)
  },
}

const threadsExhausted: BlindFault = {
  ...unserved,
  name: 'threads-exhausted',
  summary: 'Slow clients hold every thread that the limit of the application allows.',
  clue: /can't start new thread|fork rejected by pids|tasks?[^\n]{0,30}\b1[56]\b[^\n]{0,30}\b16\b/i,
  break: async (target) => {
    await throughApplication(target)
    await sh(target, `systemctl reload ${nginx}`)
    await alongside(target, crowd, poller(8080, 40))
    await sleep(settledMs)
  },
  heal: async (target) => {
    await endAlongside(target, crowd)
    await sh(target, `systemctl restart ${application}`)
    await siteAsBefore(target)
  },
}

const frozen: BlindFault = {
  ...unserved,
  name: 'application-frozen',
  summary:
    'Somebody stopped the process of the application with a signal and forgot it: it holds its port and never answers.',
  clue: /\bstate\W{1,4}T\b|\(stopped\)|SIGSTOP|\bT \(|process[^\n]{0,40}\bstopped\b/,
  break: async (target) => {
    await throughApplication(target, 'proxy_read_timeout 2s;')
    await sh(target, `systemctl reload ${nginx}; systemctl kill --signal=STOP ${application}`)
  },
  heal: async (target) => {
    await sh(target, `systemctl kill --signal=CONT ${application}`)
    await siteAsBefore(target)
  },
}

const heldByDebugRun: BlindFault = {
  alert: 'HostSystemdServiceCrashed',
  unit: application,
  name: 'port-held-by-debug-run',
  summary: 'A colleague runs a copy of the application by hand for debugging: the port is taken.',
  clue: /acme-app-debug/,
  break: async (target) => {
    await sh(target, `cp /usr/local/bin/acme-app /root/acme-app-debug.py; systemctl stop ${application}`)
    const hand = 'systemd-run --quiet --scope --slice=user.slice --unit=session-7'
    await sh(target, `setsid ${hand} python3 /root/acme-app-debug.py > /dev/null 2>&1 < /dev/null & sleep 1`)
    await restartFails(target, application)
  },
  heal: async (target) => {
    await trySh(target, 'systemctl stop session-7.scope; rm -f /root/acme-app-debug.py')
    await mendUnit(target, application)
  },
}

const masked: BlindFault = {
  ...unserved,
  name: 'masked-in-maintenance',
  summary: 'nginx was stopped and masked for maintenance, and nobody undid it.',
  clue: /nginx[^\n]{0,80}\bmasked\b|(?:unitFile|load)State\W{1,4}masked|masked[^\n]{0,40}nginx/i,
  break: (target) => sh(target, `systemctl mask --now ${nginx}`).then(() => undefined),
  heal: async (target) => {
    await sh(target, `systemctl unmask ${nginx}`)
    await mendUnit(target, nginx)
  },
}

const stoppedByHand: BlindFault = {
  ...unserved,
  name: 'stopped-by-hand',
  summary: 'Somebody stopped nginx and went home.',
  clue: /systemctl stop nginx|Stop(?:ped|ping) (?:A high performance|nginx)/,
  break: (target) => sh(target, `sudo systemctl stop nginx`).then(() => undefined),
  heal: (target) => mendUnit(target, nginx),
}

const portsExhausted: BlindFault = {
  ...unserved,
  name: 'local-ports-exhausted',
  summary: 'The range of local ports was narrowed, and a poller holds them: nginx cannot connect to the application.',
  clue: /cannot assign requested address|ip_local_port_range/i,
  break: async (target) => {
    await throughApplication(target)
    await sh(target, `systemctl reload ${nginx}`)
    await localPorts(target, '40000 40003')
    await alongside(target, crowd, poller(8080, 8))
    await sleep(settledMs)
  },
  heal: async (target) => {
    await endAlongside(target, crowd)
    await localPorts(target, '32768 60999')
    await sh(target, `systemctl restart ${application}`)
    await siteAsBefore(target)
  },
}

/** The host itself may not write its kernel's settings. */
async function localPorts({ host }: Target, range: string): Promise<void> {
  const script = `echo "${range}" > /proc/sys/net/ipv4/ip_local_port_range`
  await run(['nsenter', '--target', String(host.leader?.pid ?? 0), '--net', 'sh', '-euc', script])
}

const memoryHeld: BlindFault = {
  alert: 'HostOutOfMemory',
  unit: application,
  name: 'import-holds-the-memory',
  summary: 'An import that nobody declared holds almost all the memory of the host.',
  clue: /acme-import/,
  break: (target) => {
    const lines = [
      'import re, time',
      'held = []',
      'def free():',
      '    text = open("/var/lib/prometheus/node-exporter/control-group.prom").read()',
      '    return int(re.search(r"MemAvailable_bytes (\\d+)", text)[1])',
      'while True:',
      '    time.sleep(0.05 if free() > (60 << 20) else 0.5)',
      '    if free() > (60 << 20) or (free() > (40 << 20) and len(held) < 112): held.append(bytearray(b"x" * (4 << 20)))',
    ]
    return alongside(target, 'acme-import.service', ['python3', '-c', lines.join('\n')])
  },
  heal: (target) => endAlongside(target, 'acme-import.service'),
}

const throttled: BlindFault = {
  ...unserved,
  name: 'application-throttled',
  summary: 'A platform drop-in gives the application a fiftieth of a processor.',
  clue: /CPUQuota\w*\W{1,4}(?:2%|20ms|0?\.02)|throttl\w*\W{1,4}[1-9]/i,
  break: async (target) => {
    await throughApplication(target)
    // The lab's application has next to nothing to do; a page of a real one costs some milliseconds.
    await edit(target, appFile, (text) =>
      text.replace('    def do_GET(self):', '    def do_GET(self):\n        sum(range(2_000_000))'),
    )
    await sh(target, `systemctl reload ${nginx}; systemctl restart ${application}`)
    await portIsTaken(target, 8080)
    await dropIn(target, application, '[Service]\nCPUQuota=2%\n')
  },
  heal: async (target) => {
    await withoutDropIn(target, application)
    await restore(target, appFile)
    await sh(target, `systemctl restart ${application}`)
    await siteAsBefore(target)
  },
}

const deadNameserver: BlindFault = {
  ...unserved,
  name: 'every-request-asks-a-dead-nameserver',
  summary:
    'The application looks up each visitor by name; the name server it is told to ask is gone: each answer waits.',
  clue: /192\.0\.2\.53/,
  break: async (target) => {
    await put(target, '/etc/resolv.conf', 'nameserver 192.0.2.53\noptions timeout:1 attempts:1\n')
    await edit(target, appFile, (text) =>
      text
        .replace('    def do_GET(self):', '    def do_GET(self):\n        socket.getfqdn("198.51.100.9")')
        .replace('import http.server', 'import http.server\nimport socket'),
    )
    await throughApplication(target)
    await sh(target, `systemctl reload ${nginx}; systemctl restart ${application}`)
  },
  heal: async (target) => {
    await restore(target, appFile)
    await sh(target, `rm -f /etc/resolv.conf; systemctl restart ${application}`)
    await siteAsBefore(target)
  },
}

const blackholeRoute: BlindFault = {
  alert: 'HostSystemdServiceCrashed',
  unit: sync,
  name: 'route-to-nowhere',
  summary: 'A route left from an incident drops everything to the network of the catalogue.',
  clue: /(?:unreachable|blackhole|prohibit)\W[^\n]{0,40}198\.51\.100|198\.51\.100[^\n]{0,60}(?:blackhole|prohibit|type\W{1,4}unreachable)/i,
  ...(() => {
    const job = badProgram(sync, syncFile, (text) =>
      text.replace('try:\n', 'try:\n    import socket\n    socket.create_connection(("198.51.100.20", 443), 3)\n'),
    )
    return {
      break: async (target) => {
        await sh(target, 'ip route add unreachable 198.51.100.0/24')
        await job.break(target)
      },
      heal: async (target) => {
        await trySh(target, 'ip route del unreachable 198.51.100.0/24')
        await job.heal(target)
      },
    } satisfies Pick<BlindFault, 'break' | 'heal'>
  })(),
}

const backendSlow: BlindFault = {
  ...unserved,
  ...badSite((text) => text.replace('try_files $uri $uri/ =404;', 'echo_sleep 1.2;\n\t\techo slow;')),
  name: 'sleep-left-in-the-site',
  summary: 'A pause put into the site for a test was never taken out.',
  clue: /echo_sleep/,
}

export const limitsAndNetwork: readonly BlindFault[] = [
  connectionsExhausted,
  filesExhausted,
  threadsExhausted,
  frozen,
  heldByDebugRun,
  masked,
  stoppedByHand,
  portsExhausted,
  memoryHeld,
  throttled,
  deadNameserver,
  blackholeRoute,
  backendSlow,
]
