// What ran out.
import { smallDiskPath } from '../../disk.ts'
import { nginx } from '../../nginx.ts'
import type { StrangeFault } from '../strange-faults.ts'
import {
  applicationFile,
  crashedApplication,
  dropIn,
  fails,
  fault,
  file,
  program,
  proxied,
  unservedApplication,
} from './hands.ts'

const fullDisk = { alert: 'HostOutOfDiskSpace', unit: nginx } as const
const fullMemory = { alert: 'HostOutOfMemory', unit: nginx } as const

const version = (...given: Parameters<typeof program>): string =>
  `${file(applicationFile, program(...given))}${fails('acme-app')}${proxied}`

/** Asks for the page that often. A request that fails is part of it. */
const asked = (times: number): string =>
  `for i in $(seq ${String(times)}); do curl -s -o /dev/null --max-time 1 http://127.0.0.1/ || break; done\n`

/** Bytes that the host may still use until it has but 6 % of its memory. */
const room = `room=$(cat /var/lib/prometheus/node-exporter/*.prom | awk '
  /^node_memory_MemAvailable/ {a = $2} /^node_memory_MemTotal/ {t = $2} END {printf "%d", a - 0.06 * t}')\n`

const report = `#!/usr/bin/python3
"""Sums up the orders of a day."""
import sys
import time

orders = bytearray(b"order ") * (int(sys.argv[1]) // 6)
time.sleep(3600)`

/** Room that is left until the disk is almost full, in bytes. */
const mostOf = (path: string): string => `$(( $(stat -f -c '%a*%S' ${path}) * 95 / 100 ))`

export const resources: readonly StrangeFault[] = [
  fault({
    ...fullMemory,
    name: 'reports-pile-up',
    summary: 'A report that takes longer than its interval runs many times over, and together they use the memory.',
    clue: /acme-report[\s\S]*acme-report/,
    broken: `${file('/usr/local/bin/acme-report', report)}${room}
for i in 1 2 3 4 5 6; do
  systemd-run --quiet --unit="run-$i" /usr/bin/python3 /usr/local/bin/acme-report $((room / 6 - 4000000))
done`,
    undo: 'systemctl stop run-1 run-2 run-3 run-4 run-5 run-6 || true',
  }),
  fault({
    ...unservedApplication,
    name: 'descriptors-leaked',
    summary: 'The application never closes a connection, up to its limit of descriptors; it logs nothing of it.',
    clue: /too many open files|EMFILE|Errno 24|CLOSE[-_ ]WAIT|NOFILE\W{1,4}64\b|open files\D{1,30}\b64\b|\b6[34] ?(?:of|\/) ?64\b/i,
    before: `${dropIn('acme-app.service', '[Service]\nLimitNOFILE=64')}
${version('held = []\nhttp.server.HTTPServer.shutdown_request = lambda server, request: held.append(request)')}`,
    broken: asked(65),
  }),
  fault({
    ...unservedApplication,
    name: 'zombies',
    summary: "Children that the application starts and never waits for fill its unit's task limit.",
    clue: /defunct|zombies?\D{1,4}[1-9]|start new thread|Resource temporarily|fork rejected|\b1[56] ?(?:of|\/) ?16\b|TasksCurrent\W{1,4}1[56]\b/i,
    before: version('import os', 'os.posix_spawn("/bin/true", ["true"], os.environ)'),
    broken: asked(20),
  }),
  fault({
    ...crashedApplication,
    name: 'memory-limit-lowered',
    summary: 'A setting beside the unit gives the application less memory than it needs to start.',
    clue: /MemoryMax\W{1,4}(?:6M|6291456)|\b6291456\b|limit 6144 ?kB|(?:max|limit)\D{0,10}(?<![\d.])6(?:\.0)? ?Mi?B?\b/i,
    broken: `${dropIn('acme-app.service', '[Service]\nMemoryMax=6M')}${fails('acme-app')}`,
  }),
  fault({
    ...unservedApplication,
    name: 'spool-out-of-inodes',
    summary: 'The spool of the application has most of its bytes left, and no inode.',
    clue: /\/var\/spool\/acme\b[^\n]{0,120}inode|inode[^\n]{0,120}\/var\/spool\/acme\b|100 ?%[^\n]{0,20}\/var\/spool\/acme\b/i,
    before: `mkdir -p /var/spool/acme; mount -t tmpfs -o size=16M,nr_inodes=512 acme-spool /var/spool/acme
${version('import os, uuid', 'open(f"/var/spool/acme/{uuid.uuid4()}", "w").close()')}`,
    broken: 'i=0; while : > "/var/spool/acme/session-$i"; do i=$((i + 1)); done 2> /dev/null',
    undo: 'umount --lazy /var/spool/acme; rmdir /var/spool/acme',
  }),
  fault({
    ...fullMemory,
    name: 'shared-memory-left',
    summary: "Segments that a job left in shared memory use most of the host's memory, and no process has it.",
    clue: /\/dev\/shm\/acme|\b[34]\d\d ?Mi?B?\b[^\n]{0,40}\/dev\/shm|\/dev\/shm[^\n]{0,60}\b[34](?:\d\d ?Mi?B?|\d{5}|\d{8})\b|shmem\D{1,6}[34](?:\d{5}|\d{8})\b/i,
    broken: `${room}for i in 1 2 3 4; do
  systemd-run --quiet --wait --property=StandardOutput=truncate:/dev/shm/acme-$i head -c $((room / 4)) /dev/zero
done`,
    undo: 'rm -f /dev/shm/acme-*',
  }),
  fault({
    ...fullDisk,
    name: 'debug-log-left-on',
    summary: 'nginx writes debugging lines for each request, until the disk of its logs is full.',
    clue: /\[debug\]|error\.log\\*"? debug\b/,
    broken: `fallocate -l 24M ${smallDiskPath}/access.log.1
sed -i 's#^\\s*error_log .*#error_log ${smallDiskPath}/error.log debug;#' /etc/nginx/nginx.conf
systemctl restart nginx; long=$(head -c 1800 /dev/zero | tr '\\0' x)
until [ "$(stat -f -c '%a' ${smallDiskPath})" -lt "$(stat -f -c '%b' ${smallDiskPath} | awk '{print int($1 * 0.08)}')" ]
do curl -s -o /dev/null -H "A: $long" -H "B: $long" -H "C: $long" -H "D: $long" "http://127.0.0.1/?[1-200]"; done`,
    undo: `systemctl stop nginx; : > ${smallDiskPath}/error.log; : > ${smallDiskPath}/access.log; rm -f ${smallDiskPath}/access.log.1`,
  }),
  fault({
    ...fullDisk,
    name: 'never-rotated',
    summary: 'logrotate ignores the configuration for nginx for its mode, so the access log filled the disk.',
    clue: /Ignoring nginx because|writable by group|bad file mode|logrotate(?:\.service)?\b[^\n]{0,80}(?:fail|error)/i,
    broken: `chmod 664 /etc/logrotate.d/nginx
line='10.0.0.7 - - [21/Nov/2026:00:00:00 +0000] "GET / HTTP/1.1" 200 74 "-" "curl/7.88.1"'
{ yes "$line" || true; } | head -c ${mostOf(smallDiskPath)} >> ${smallDiskPath}/access.log
${fails('logrotate')}`,
    undo: `: > ${smallDiskPath}/access.log; rm -f ${smallDiskPath}/*.[0-9]* /var/lib/logrotate/status`,
  }),
]
