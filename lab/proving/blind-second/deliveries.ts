// What a delivery left behind.
import type { StrangeFault } from '../strange-faults.ts'
import {
  applicationFile,
  crashedApplication,
  crashedSync,
  crashedWeb,
  delivered,
  dropIn,
  fails,
  fault,
  file,
  program,
  proxied,
  unservedApplication,
  unservedWeb,
} from './hands.ts'

const status = '/var/lib/dpkg/status'

/** Its folder holds releases, and a link says which is current. */
const release = (number: number, items: string): string =>
  file(
    `/srv/acme/releases/r${String(number)}/acme-app`,
    program(`import json\nitems = json.load(open("/var/lib/acme/catalogue.json"))["${items}"]`),
  )
const current = (number: number): string =>
  `ln -sfn releases/r${String(number)} /srv/acme/current\n${fails('acme-app')}`

const flags = (steps: number): string => file('/var/lib/acme/flags.json', `{ "discount_steps": ${String(steps)} }`)

export const deliveries: readonly StrangeFault[] = [
  fault({
    ...crashedApplication,
    name: 'variable-missing',
    summary: 'The new version needs a variable that nobody set on this host.',
    clue: /KeyError: \\*'ACME_REGION|ACME_REGION[^\n]{0,60}(?:not set|missing|unset|absent)/,
    broken: delivered('import os\nregion = os.environ["ACME_REGION"]'),
  }),
  fault({
    ...crashedApplication,
    name: 'exported-variable',
    summary: 'A variable is set as a shell would have it, and systemd ignores the line.',
    clue: /export ACME_REGION|invalid environment assignment/i,
    broken: `echo 'export ACME_REGION=eu-central' >> /etc/default/acme-app
${delivered('import os, sys\nif "ACME_REGION" not in os.environ:\n    sys.exit("acme-app: no region")')}`,
  }),
  fault({
    ...crashedApplication,
    name: 'rolled-back-too-far',
    summary: "The current release is one of half a year ago, which can't read today's catalogue.",
    clue: /\br207\b/,
    before: `${release(207, 'products')}${release(416, 'items')}
${dropIn('acme-app.service', '[Service]\nExecStart=\nExecStart=/usr/bin/python3 /srv/acme/current/acme-app')}
${current(416)}${proxied}`,
    broken: current(207),
  }),
  fault({
    ...unservedWeb,
    name: 'web-root-dangles',
    summary: "The site's folder is a link to a release that was never unpacked; nginx answers 404 and logs no error.",
    clue: /\br418\b/,
    before: `${file('/srv/shop/releases/r416/index.html', '<p>The shop.</p>')}ln -s releases/r416 /srv/shop/current
sed -i 's#root /var/www/html#root /srv/shop/current#' /etc/nginx/sites-available/default; systemctl restart nginx`,
    broken: 'ln -sfn releases/r418 /srv/shop/current',
  }),
  fault({
    ...crashedSync,
    name: 'carriage-returns',
    summary: 'The job was saved with carriage returns: an interpreter of that name does not exist.',
    clue: /python3(?:\\+r|\\+u000d|\^M|\r)|CRLF|carriage return|bad interpreter/i,
    broken: `sed -i 's/$/\\r/' /usr/local/bin/acme-sync\n${fails('acme-sync')}`,
  }),
  fault({
    ...crashedApplication,
    name: 'newer-python',
    summary: 'The new version was written for a Python that this host does not have yet.',
    clue: /cannot import name \\*'override/,
    broken: delivered('from typing import override'),
  }),
  fault({
    ...crashedSync,
    name: 'shadowed-library',
    summary: "Somebody's json.py beside the job is loaded instead of Python's own.",
    clue: /\/usr\/local\/bin\/json\.py|module \\*'json\\*' has no attribute/,
    broken: `${file('/usr/local/bin/json.py', '"""Prints a file nicely."""\nimport pprint')}${fails('acme-sync')}`,
  }),
  fault({
    ...unservedApplication,
    name: 'flag-divides-by-zero',
    summary: 'A flag pushed as data, 0 where it was 5, ends each request in a traceback.',
    clue: /ZeroDivisionError|division by zero|discount_steps\W{1,6}0\b/,
    before: `${flags(5)}${file(
      applicationFile,
      program('import json', 'step = 100 / json.load(open("/var/lib/acme/flags.json"))["discount_steps"]'),
    )}${fails('acme-app')}${proxied}`,
    broken: flags(0),
  }),
  fault({
    ...crashedWeb,
    name: 'half-installed',
    summary:
      'An upgrade of nginx was cut off: the package is half installed, its program still has its temporary name.',
    clue: /half-installed|reinstreq|nginx\.dpkg-new/,
    broken: `mv /usr/sbin/nginx /usr/sbin/nginx.dpkg-new
sed -i '/^Package: nginx$/,/^$/s/^Status: .*/Status: install reinstreq half-installed/' ${status}
${fails('nginx')}`,
    undo: `mv /usr/sbin/nginx.dpkg-new /usr/sbin/nginx
sed -i 's/^Status: install reinstreq half-installed/Status: install ok installed/' ${status}`,
  }),
  fault({
    ...crashedWeb,
    name: 'shared-library-gone',
    summary: 'A clean-up removed a library that nginx needs.',
    clue: /libssl\.so\.3[^\n]{0,60}(?:cannot open|no such file|not found)/i,
    broken: `mv /usr/lib/*/libssl.so.3 /root/\n${fails('nginx')}`,
    undo: 'mv /root/libssl.so.3 "$(dirname /usr/lib/*/libcrypto.so.3)"/',
  }),
]
