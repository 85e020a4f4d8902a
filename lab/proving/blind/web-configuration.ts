// Blind faults in what nginx was told.
import { generateKeyPairSync } from 'node:crypto'
import { nginx } from '../../nginx.ts'
import { type BlindFault, badFile, badSite, put, restartFails, sh } from './hands.ts'
import { mendUnit } from '../../nginx.ts'

const crashed = { alert: 'HostSystemdServiceCrashed', unit: nginx } as const
const unserved = { alert: 'BlackboxProbeFailed', unit: nginx } as const

const shopSite = '/etc/nginx/conf.d/shop.conf'
/** Nobody's; its key was thrown away when it was made. */
const shopCertificate = `-----BEGIN CERTIFICATE-----
MIIBhjCCAS2gAwIBAgIUGAR74S6/9XEPfzMsu34eIadmbFUwCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOc2hvcC5hY21lLnRlc3QwHhcNMjYxMTIyMDUyNjQ0WhcNNDYx
MTE3MDUyNjQ0WjAZMRcwFQYDVQQDDA5zaG9wLmFjbWUudGVzdDBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABHZJ8EGyLnfvIY3t+SvzzVVqU0UxNxnica5jFnZk5iTW
tbuGmMSBprM3w6bWbACPxMBG4j1tjQxqGTLVnVv0bkGjUzBRMB0GA1UdDgQWBBSy
YYajfYqxes0kMwJ0xTbGbaZqwzAfBgNVHSMEGDAWgBSyYYajfYqxes0kMwJ0xTbG
baZqwzAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCICkMS4z4mrNZ
d7dSRzWPr+rTm8QE2GgzFGa6VFbrkB7KAiBPuqo5M44VCoU73BuCRW7j8ZHDf/OA
1SEIQFRmuwivug==
-----END CERTIFICATE-----
`

const keyMismatch: BlindFault = {
  ...crashed,
  name: 'certificate-without-its-key',
  summary: 'The renewed certificate was delivered, its new key was not: nginx refuses the pair.',
  clue: /key values mismatch|KEY_VALUES_MISMATCH|(?:private )?key does not (?:match|belong)/i,
  break: async (target) => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
    await put(target, '/etc/nginx/tls/shop.key', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
    await put(target, '/etc/nginx/tls/shop.pem', shopCertificate)
    const pair = 'ssl_certificate /etc/nginx/tls/shop.pem; ssl_certificate_key /etc/nginx/tls/shop.key;'
    await put(target, shopSite, `server { listen 443 ssl; server_name shop.acme.test; ${pair} }\n`)
    await restartFails(target, nginx)
  },
  heal: async (target) => {
    await sh(target, `rm -rf ${shopSite} /etc/nginx/tls`)
    await mendUnit(target, nginx)
  },
}

const snippetRemoved: BlindFault = {
  ...crashed,
  ...badSite((text) => text.replace('\tserver_name _;', '\tserver_name _;\n\tinclude snippets/security-headers.conf;')),
  name: 'snippet-removed',
  summary: 'The site includes a snippet that configuration management no longer delivers.',
  clue: /snippets\/security-headers\.conf[\s\S]{0,60}(?:no such file|ENOENT|missing|not exist|not found)/i,
}

const upstreamNameGone: BlindFault = {
  ...crashed,
  ...badFile(
    shopSite,
    'upstream shop { server shop-backend.acme.internal:8080; }\nserver { listen 8081; location / { proxy_pass http://shop; } }\n',
  ),
  name: 'upstream-name-gone',
  summary: 'The name of a backend was taken out of DNS; nginx resolves it at start and refuses.',
  clue: /host not found in upstream[^\n]*shop-backend|shop-backend\.acme\.internal[^\n]{0,80}(?:not (?:be )?(?:found|resolve)|NXDOMAIN|does not resolve)/i,
}

const duplicateDefault: BlindFault = {
  ...crashed,
  ...badFile('/etc/nginx/conf.d/landing.conf', 'server { listen 80 default_server; return 200 "landing"; }\n'),
  name: 'two-default-servers',
  summary: 'Another team delivered a second default server for port 80.',
  clue: /duplicate default server/i,
}

const moduleGone: BlindFault = {
  ...crashed,
  ...badFile('/etc/nginx/modules-enabled/60-mod-http-geoip2.conf', 'load_module modules/ngx_http_geoip2_module.so;\n'),
  name: 'module-removed',
  summary: "A module's package was removed as no longer needed; the line that loads it stayed.",
  clue: /ngx_http_geoip2_module\.so[\s\S]{0,120}(?:cannot open shared object|no such file|missing|not exist|not found)/i,
}

const loopbackOnly: BlindFault = {
  ...unserved,
  ...badSite((text) =>
    text
      .replace('\tlisten 80 default_server;', '\tlisten 127.0.0.1:80 default_server;')
      .replace('\tlisten [::]:80 default_server;', '\tlisten [::1]:80 default_server;'),
  ),
  name: 'listens-on-loopback-only',
  summary: 'A template put loopback in front of the port: nginx is well, and nobody outside can reach it.',
  clue: /(?<!\/)127\.0\.0\.1:80\b|"?127\.0\.0\.1"?[^\n]{0,24}\bport"?:? "?80\b/i,
}

const floatingAddressGone: BlindFault = {
  ...crashed,
  ...badSite((text) => text.replace('\tlisten 80 default_server;', '\tlisten 203.0.113.80:80 default_server;')),
  name: 'floating-address-elsewhere',
  summary: 'nginx binds an address that floats between hosts and is not on this one.',
  clue: /bind\(\) to 203\.0\.113\.80:80 failed|203\.0\.113\.80[^\n]{0,80}(?:cannot assign|not assigned|on no interface)/i,
}

const redirectLoop: BlindFault = {
  ...unserved,
  ...badSite((text) => text.replace('try_files $uri $uri/ =404;', 'return 301 http://$host$request_uri;')),
  name: 'redirects-to-itself',
  summary: 'The site answers every request with a redirect to the same address.',
  clue: /return 301|" 301 \d|\b301\b[^\n]{0,160}(?:location|redirect|moved)|(?:location|redirect|status)[^\n]{0,80}\b301\b/i,
}

const maintenanceLeft: BlindFault = {
  ...unserved,
  name: 'maintenance-left-on',
  summary: "Last night's maintenance flag was never taken away: the site answers 503 because of a file.",
  clue: /maintenance\.on/,
  ...(() => {
    const flag = 'if (-f /var/www/maintenance.on) { return 503; }'
    const edited = badSite((text) => text.replace('\tserver_name _;', `\tserver_name _;\n\t${flag}`))
    return {
      break: async (target) => {
        await sh(target, 'touch -d "9 hours ago" /var/www/maintenance.on')
        await edited.break(target)
      },
      heal: async (target) => {
        await sh(target, 'rm -f /var/www/maintenance.on')
        await edited.heal(target)
      },
    } satisfies Pick<BlindFault, 'break' | 'heal'>
  })(),
}

const allowListTooTight: BlindFault = {
  ...unserved,
  ...badSite((text) => text.replace('\tserver_name _;', '\tserver_name _;\n\tallow 10.20.0.0/16;\n\tdeny all;')),
  name: 'allow-list-too-tight',
  summary: 'An allow list meant for the intranet was merged into the public site.',
  clue: /access forbidden by rule|allow 10\.20\.0\.0\/16/,
}

const requestLimit: BlindFault = {
  ...unserved,
  name: 'request-limit-too-tight',
  summary: 'A limit meant per visitor counts all visitors together: almost every request is refused.',
  clue: /limiting requests|limit_req/i,
  ...(() => {
    const zone = '/etc/nginx/conf.d/limits.conf'
    const edited = badSite((text) => text.replace('\tserver_name _;', '\tserver_name _;\n\tlimit_req zone=site;'))
    return {
      break: async (target) => {
        await put(target, zone, 'limit_req_zone $server_name zone=site:1m rate=1r/m;\n')
        await edited.break(target)
      },
      heal: async (target) => {
        await sh(target, `rm -f ${zone}`)
        await edited.heal(target)
      },
    } satisfies Pick<BlindFault, 'break' | 'heal'>
  })(),
}

const linkRemoved: BlindFault = {
  ...unserved,
  name: 'site-not-enabled',
  summary: 'A deployment disabled the site and stopped half-way: nginx runs with no server at all.',
  clue: /sites-enabled[\s\S]{0,120}(?:removed|missing|empty|gone|no entr|deleted|changed|\[\]|: 0\b)|(?:removed|missing|empty|gone|deleted)[^\n]{0,60}sites-enabled/i,
  break: (target) =>
    sh(target, `rm /etc/nginx/sites-enabled/default; systemctl restart ${nginx}`).then(() => undefined),
  heal: (target) =>
    sh(target, `ln -sf /etc/nginx/sites-available/default /etc/nginx/sites-enabled/; systemctl restart ${nginx}`).then(
      () => undefined,
    ),
}

export const webConfiguration: readonly BlindFault[] = [
  keyMismatch,
  snippetRemoved,
  upstreamNameGone,
  duplicateDefault,
  moduleGone,
  loopbackOnly,
  floatingAddressGone,
  redirectLoop,
  maintenanceLeft,
  allowListTooTight,
  requestLimit,
  linkRemoved,
]
