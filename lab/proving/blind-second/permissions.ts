// Who may do what, and what was left lying about.
import type { StrangeFault } from '../strange-faults.ts'
import {
  answering,
  applicationFile,
  crashedApplication,
  dropIn,
  fails,
  fault,
  file,
  program,
  proxied,
  service,
  unservedApplication,
  unservedWeb,
} from './hands.ts'

const onSocket = program('import os, socketserver').replace(
  /\n {4}http\.server\.Threading.*/,
  `
    path = "/run/acme/app.sock"
    if os.path.exists(path):
        os.unlink(path)
    socketserver.ThreadingUnixStreamServer(path, Handler).serve_forever()`,
)
const umask = (mask: string): string =>
  `${dropIn('acme-app.service', `[Service]\nRuntimeDirectory=acme\nUMask=${mask}`)}${fails('acme-app')}`

const pricing = `#!/usr/bin/python3
import http.server


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        wanted = open("/etc/acme/pricing-token").read().strip()
        self.send_response(200 if self.headers.get("Authorization") == wanted else 401)
        self.end_headers()

    def log_message(self, *_):
        pass


http.server.HTTPServer(("127.0.0.1", 9300), Handler).serve_forever()`
const asksPricing = program(
  'import urllib.request\ntoken = open("/etc/acme/pricing-token").read().strip()',
  'asked = urllib.request.Request("http://127.0.0.1:9300/", headers={"Authorization": token})\nurllib.request.urlopen(asked, timeout=2)',
)
const token = (word: string): string => `mkdir -p /etc/acme; echo ${word} > /etc/acme/pricing-token\n`

export const permissions: readonly StrangeFault[] = [
  fault({
    ...unservedWeb,
    name: 'web-folder-closed',
    summary: 'A hardening closed the folder above the pages for everybody but root.',
    clue: /\/var\/www\/[^\n]{0,40}Permission denied|drwx------[^\n]{0,60}\/var\/www|\/var\/www\b[^\n]{0,40}\b0?700\b/,
    broken: 'chmod 700 /var/www',
  }),
  fault({
    ...unservedApplication,
    name: 'socket-closed-to-proxy',
    summary: "A changed mask makes the application's socket for its own group only, and nginx is not in it.",
    clue: /app\.sock[^\n]{0,40}Permission denied|srw-rw----[^\n]{0,80}app\.sock|UMask\W{1,4}0?117\b/i,
    before: `${file(applicationFile, onSocket)}${umask('0111')}${answering('proxy_pass http://unix:/run/acme/app.sock:;')}`,
    broken: umask('0117'),
  }),
  fault({
    ...unservedApplication,
    name: 'secret-rotated',
    summary:
      'The token of a backend was rotated on both sides, and the running application still shows the former one.',
    clue: /HTTP Error 401|\b401\b[^\n]{0,60}(?:unauthorized|pricing|token)|(?:pricing|9300|token)[^\n]{0,60}\b401\b/i,
    before: `${token('spring')}${file('/usr/local/bin/acme-pricing', pricing)}
${service('acme-pricing', 'ExecStart=/usr/bin/python3 /usr/local/bin/acme-pricing')}systemctl start acme-pricing
${file(applicationFile, asksPricing)}${fails('acme-app')}${proxied}`,
    broken: token('autumn'),
    undo: 'systemctl stop acme-pricing; rm -r /etc/acme',
  }),
  fault({
    ...crashedApplication,
    name: 'stale-lock',
    summary: 'A lock of a process that is gone keeps the application from starting.',
    clue: /acme-app\.lock|already running/,
    broken: `echo 31999 > /var/lib/acme/acme-app.lock
${file(
  applicationFile,
  program(
    'import os, sys\nif os.path.exists("/var/lib/acme/acme-app.lock"):\n    sys.exit("acme-app: already running")',
  ),
)}${fails('acme-app')}`,
  }),
]
