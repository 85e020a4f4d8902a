// What nginx was told.
import type { StrangeFault } from '../strange-faults.ts'
import { answering, crashedWeb, delivered, fails, fault, file, proxied, unservedWeb } from './hands.ts'

const group = (state: string): string => {
  const servers = [8080, 8082].map((port) => `server 127.0.0.1:${String(port)}${state};`)
  return file('/etc/nginx/conf.d/application.conf', `upstream application { ${servers.join(' ')} }`)
}

export const webServer: readonly StrangeFault[] = [
  fault({
    ...crashedWeb,
    name: 'template-not-rendered',
    summary: 'A site was delivered with its placeholder in it: the deployment skipped the step that fills it in.',
    clue: /\{\{ ?shop_backend|unexpected \\*"\{\\*" in \/etc\/nginx\/conf\.d\/shop\.conf/,
    broken: `${file('/etc/nginx/conf.d/shop.conf', 'upstream shop { server {{ shop_backend }}:8080; }')}${fails('nginx')}`,
  }),
  fault({
    ...crashedWeb,
    name: 'configuration-emptied',
    summary: 'nginx.conf was written while a disk was full, and has no bytes since.',
    clue: /no \\*"events\\*" section|nginx\.conf[^\n]{0,60}(?:\b0 bytes|\bis empty)/,
    broken: `: > /etc/nginx/nginx.conf\n${fails('nginx')}`,
  }),
  fault({
    ...unservedWeb,
    name: 'old-network-allowed',
    summary: "The site lets in the office's former network only.",
    clue: /access forbidden by rule|allow 10\.20\.0\.0\/16/,
    broken: answering('allow 10.20.0.0/16; deny all;'),
  }),
  fault({
    ...unservedWeb,
    name: 'backends-marked-down',
    summary: 'After a maintenance each backend of the group is still marked down.',
    clue: /no live upstreams|127\.0\.0\.1:8080 down/,
    before: `${group('')}${answering('proxy_pass http://application;')}`,
    broken: `${group(' down')}systemctl restart nginx`,
  }),
  fault({
    ...unservedWeb,
    name: 'headers-outgrew-buffer',
    summary: "A new version's cookies do not fit the buffer in which nginx reads an answer's headers.",
    clue: /too big header/,
    before: proxied,
    // Until it answers by itself, what a visitor meets is its restart.
    broken: `${delivered('', 'pass', 'self.send_header("Set-Cookie", "basket=" + "x" * 16384)')}
for i in $(seq 300); do curl -s -o /dev/null http://127.0.0.1:8080/ && exit; sleep 0.1; done; exit 1`,
  }),
  fault({
    ...unservedWeb,
    name: 'proxy-to-old-port',
    summary: 'The application moved to another port, and the proxy asks the former one.',
    clue: /(?::|\bport\D{0,5})8090\b/,
    before: proxied,
    broken: `sed -i s/8080/8090/ /usr/local/bin/acme-app\n${fails('acme-app')}`,
  }),
]
