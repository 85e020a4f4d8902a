// The network, and what a service needs of others.
import { createECDH, createHash, createPrivateKey } from 'node:crypto'
import type { Target } from '../../fault.ts'
import { run } from '../../run.ts'
import type { StrangeFault } from '../strange-faults.ts'
import {
  answering,
  applicationFile,
  crashedApplication,
  delivered,
  fails,
  fault,
  file,
  program,
  proxied,
  service,
  unservedApplication,
  unservedWeb,
} from './hands.ts'

const version = (...given: Parameters<typeof program>): string =>
  `${file(applicationFile, program(...given))}${fails('acme-app')}${proxied}`

/** Of a backend that nobody has; it ran out on 1 November 2025. */
const certificate = `-----BEGIN CERTIFICATE-----
MIIBdDCCARqgAwIBAgIBATAKBggqhkjOPQQDAjAcMRowGAYDVQQDDBFnYXRld2F5
LmFjbWUudGVzdDAeFw0yNDExMDEwMDAwMDBaFw0yNTExMDEwMDAwMDBaMBwxGjAY
BgNVBAMMEWdhdGV3YXkuYWNtZS50ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD
QgAEtaIZtK58T0QsO7JJgeocSSJTM3xO2ZcgcTxCqNfn3uFXcKPYupmR7keH8PWt
2ssKi7OhsCoWQl41guxlIedtJ6NNMEswDAYDVR0TBAUwAwEB/zAcBgNVHREEFTAT
ghFnYXRld2F5LmFjbWUudGVzdDAdBgNVHQ4EFgQUKbGhi2Tpl2RTLylQCznk79w/
/XEwCgYIKoZIzj0EAwIDSAAwRQIhANCD0JDz3MNw0YQSDViniHU9HhWSoNnV1q1m
G3wfc3vCAiBLrnz8vGpr6fzWK0x/vrMvz3cdp2lT/p0GAhaCG7MGVw==
-----END CERTIFICATE-----`

/** Its key is no secret: anybody can make it of these two words. */
function certificateKey(): string {
  const secret = createHash('sha256').update('expired gateway').digest()
  const curve = createECDH('prime256v1')
  curve.setPrivateKey(secret)
  const point = curve.getPublicKey()
  const words = (from: number, to: number): string => point.subarray(from, to).toString('base64url')
  const curved = { kty: 'EC', crv: 'P-256', d: secret.toString('base64url'), x: words(1, 33), y: words(33, 65) }
  const key = createPrivateKey({ format: 'jwk', key: curved })
  return key.export({ type: 'pkcs8', format: 'pem' }).toString().trim()
}

const gateway = `#!/usr/bin/python3
import http.server
import ssl

server = http.server.HTTPServer(("127.0.0.1", 8443), http.server.SimpleHTTPRequestHandler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("/etc/nginx/gateway.pem", "/etc/nginx/gateway.key")
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()`
const verified = [
  'proxy_pass https://127.0.0.1:8443;',
  'proxy_ssl_verify on;',
  'proxy_ssl_name gateway.acme.test;',
  'proxy_ssl_trusted_certificate /etc/nginx/gateway.pem;',
]

const filter = `table inet hardening {
  chain input {
    type filter hook input priority filter; policy drop;
    iif lo accept
    meta l4proto icmp accept
    tcp dport { 22, 9100 } accept
    tcp dport 32768-60999 accept
  }
}`
/** A host has no tool for this of its own: it is done from the machine, in the host's network. */
const inNetworkOf = ({ host }: Target, argv: readonly string[], input: string): Promise<string> =>
  run(['nsenter', `--net=/proc/${String(host.leader?.pid ?? 0)}/ns/net`, ...argv], { input })
const localPorts = (from: number, to: number) => async (target: Target) => {
  await inNetworkOf(target, ['tee', '/proc/sys/net/ipv4/ip_local_port_range'], `${String(from)} ${String(to)}\n`)
}

const poller = `#!/usr/bin/python3
import socket
import time

held = [socket.create_connection(("127.0.0.1", 8080)) for _ in range(8)]
time.sleep(3600)`
const backup = `#!/usr/bin/python3
import sqlite3
import time

orders = sqlite3.connect("/var/lib/acme/orders.db")
orders.execute("BEGIN EXCLUSIVE")
time.sleep(3600)`

const writesOrders = version(
  'import sqlite3\npath = "/var/lib/acme/orders.db"\nsqlite3.connect(path).execute("CREATE TABLE IF NOT EXISTS visit (at)")',
  'visits = sqlite3.connect(path, timeout=0.5)\nwith visits:\n    visits.execute("INSERT INTO visit VALUES (1)")\nvisits.close()',
)
const asksPricing = version(
  'import urllib.request',
  'urllib.request.urlopen("http://pricing.acme.internal:9300/", timeout=2)',
)
const takesFromPool = version(
  'import queue\npool = queue.Queue()\nfor number in range(4):\n    pool.put(number)',
  `try:
    connection = pool.get(timeout=0.5)
except queue.Empty:
    raise RuntimeError("QueuePool limit of size 4 overflow 0 reached, connection timed out") from None`,
)

export const dependencies: readonly StrangeFault[] = [
  fault({
    ...crashedApplication,
    name: 'resolver-gone',
    summary: 'The name server in resolv.conf was a local one, which was removed: no name resolves.',
    clue: /Temporary failure in name resolution|EAI_AGAIN|\bnameserver 127\.0\.0\.53/,
    broken: `echo 'nameserver 127.0.0.53' > /etc/resolv.conf
${delivered('import socket\nsocket.getaddrinfo("pricing.acme.internal", 9300)')}`,
    undo: 'rm /etc/resolv.conf',
  }),
  fault({
    ...unservedApplication,
    name: 'hosts-entry-left',
    summary: 'A line in /etc/hosts pins a backend to an address that it left; requests to it end in time-outs.',
    clue: /198\.51\.100\.7\b/,
    before: `echo '127.0.0.1 pricing.acme.internal' >> /etc/hosts; mkdir -p /srv/pricing
${service('acme-pricing', 'WorkingDirectory=/srv/pricing\nExecStart=/usr/bin/python3 -m http.server 9300')}
systemctl start acme-pricing\n${asksPricing}`,
    broken: "sed 's/^127.0.0.1 pricing/198.51.100.7 pricing/' /etc/hosts > /root/hosts; cat /root/hosts > /etc/hosts",
    undo: 'systemctl stop acme-pricing; rm /root/hosts',
  }),
  fault({
    ...unservedWeb,
    name: 'firewall-closed',
    summary: 'A hardened packet filter lets SSH and the exporter in, and drops HTTP.',
    clue: /policy drop|nftables\.conf|tcp dport/,
    broken: file('/etc/nftables.conf', filter),
    outside: async (target) => void (await inNetworkOf(target, ['nft', '--file', '-'], `${filter}\n`)),
    undo: 'rm /etc/nftables.conf',
    undoOutside: async (target) => void (await inNetworkOf(target, ['nft', 'delete table inet hardening'], '')),
  }),
  fault({
    ...unservedApplication,
    name: 'local-ports-used-up',
    summary: 'A setting for the kernel leaves eight local ports, and a poller holds them: nginx gets none.',
    clue: /Cannot assign requested address|EADDRNOTAVAIL|\b40000\D{1,3}40007\b/,
    before: proxied,
    outside: localPorts(40_000, 40_007),
    broken: `${file('/etc/sysctl.d/60-ports.conf', 'net.ipv4.ip_local_port_range = 40000 40007')}
${file('/usr/local/bin/acme-poller', poller)}
systemd-run --quiet --unit=acme-poller /usr/bin/python3 /usr/local/bin/acme-poller`,
    undo: 'systemctl stop acme-poller || true; rm /etc/sysctl.d/60-ports.conf',
    undoOutside: localPorts(32_768, 60_999),
  }),
  fault({
    ...unservedApplication,
    name: 'database-locked',
    summary: 'A backup that hangs holds the lock of the database that each request writes to.',
    clue: /database is locked|acme-backup/,
    before: writesOrders,
    broken: `${file('/usr/local/bin/acme-backup', backup)}
systemd-run --quiet --unit=acme-backup /usr/bin/python3 /usr/local/bin/acme-backup`,
    undo: 'systemctl stop acme-backup',
  }),
  fault({
    ...unservedApplication,
    name: 'pool-exhausted',
    summary: "Connections that are never given back use up the application's pool.",
    clue: /QueuePool limit|pool[^\n]{0,40}exhaust/i,
    before: takesFromPool,
    broken: 'for i in 1 2 3 4; do curl -s -o /dev/null --max-time 2 http://127.0.0.1/ || true; done',
  }),
  fault({
    ...unservedWeb,
    name: 'backend-certificate-expired',
    summary: "The backend's certificate ran out, and nginx checks it.",
    clue: /certificate has expired|not ?after\W{1,4}[^\n]{0,20}2025|certificate[^\n]{0,40}\bexpired\b/i,
    broken: `${file('/etc/nginx/gateway.pem', certificate)}${file('/etc/nginx/gateway.key', certificateKey())}
${file('/usr/local/bin/acme-gateway', gateway)}
${service('acme-gateway', 'WorkingDirectory=/var/www/html\nExecStart=/usr/bin/python3 /usr/local/bin/acme-gateway')}
systemctl start acme-gateway\n${answering(verified.join(' '))}`,
    undo: 'systemctl stop acme-gateway',
  }),
]
