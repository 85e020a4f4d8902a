import { describe, expect, it } from 'vitest'
import { normaliseText, redactJson, redactText } from '../../runtime/redaction.ts'

// Made up from parts, so that no scanner of this repository takes them for real ones.
const a = (length: number, from = 'aB3dE6gH9kLmN0pQ'): string =>
  from.repeat(Math.ceil(length / from.length)).slice(0, length)
const hex = (length: number): string => a(length, '0123456789abcdef')
const secretWord = `hunter2-${a(12)}`
const jwt = `eyJ${a(20)}.eyJ${a(40)}.${a(43)}`
const pem = `-----BEGIN ${'RSA'} PRIVATE KEY-----\nMIIE${a(60)}\n${a(64)}\n-----END RSA PRIVATE KEY-----`
const secretKey = ` ghp_${a(36)}`
const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** Kind, a line as it stands in logs, and the part that must be gone. */
const secrets: readonly (readonly [string, string, string])[] = [
  ['a bearer header', `> Authorization: Bearer ${a(40)}`, a(40)],
  ['a bearer token in a message', `upstream said: invalid bearer ${a(32)} for realm api`, a(32)],
  ['a basic header', `Authorization: Basic ${base64(`admin:${secretWord}`)}`, base64(`admin:${secretWord}`)],
  [
    'basic credentials in a message',
    `proxy used basic ${base64(`svc:${secretWord}`)} once`,
    base64(`svc:${secretWord}`),
  ],
  ['a header in JSON', `{"headers":{"authorization":"Token ${a(24)}"}}`, a(24)],
  ['a cookie', `Cookie: session=${a(32)}; theme=dark`, a(32)],
  ['a set cookie', `set-cookie: sid=s%3A${a(30)}; Path=/; HttpOnly`, a(30)],
  ['an API key header', `X-Api-Key: ${a(32)}`, a(32)],
  ['a password in a connection string', `postgresql://app:${secretWord}@db-01:5432/app`, secretWord],
  ['a redis address without a user', `redis://:${secretWord}@cache:6379/0`, secretWord],
  ['a token as a user of a git address', `cloning https://${a(40)}@example.com/team/app.git`, a(40)],
  ['an amqp address', `amqps://guest:${secretWord}@mq:5671/vhost`, secretWord],
  ['an environment file', `DB_PASSWORD=${secretWord}`, secretWord],
  ['a quoted environment file', `export APP_SECRET="${secretWord}"`, secretWord],
  ['a YAML password', `  password: ${secretWord}`, secretWord],
  ['a JSON password', `{"user":"app","password":"${secretWord}","port":5432}`, secretWord],
  ['JSON inside JSON', `{"body":"{\\"password\\":\\"${secretWord}\\"}"}`, secretWord],
  ['a Ruby hash', `connecting with :password => '${secretWord}'`, secretWord],
  ['a Java property', `spring.datasource.password=${secretWord}`, secretWord],
  ['an ADO connection string', `Server=db;User Id=app;Password=${secretWord};Encrypt=true`, secretWord],
  ['an account key', `DefaultEndpointsProtocol=https;AccountName=x;AccountKey=${a(60)}==;EndpointSuffix=core`, a(60)],
  ['a camel-case name', `config { dbPassword: '${secretWord}' }`, secretWord],
  ['a name with spaces round the sign', `client_secret = ${secretWord}`, secretWord],
  ['an AWS access key', `using AKIA${a(16, 'ABCDEFGH23456789')} in eu-west-1`, `AKIA${a(16, 'ABCDEFGH23456789')}`],
  ['an AWS secret key', `aws_secret_access_key = ${a(40, 'aB3/dE6+gH9kLmN0')}`, a(40, 'aB3/dE6+gH9kLmN0')],
  ['a presigned address', `GET /b/o?X-Amz-Date=1&X-Amz-Signature=${hex(64)} 403`, hex(64)],
  ['a shared access signature', `https://x.blob.example/c/f?sv=2024&sig=${a(43)}%3D&se=2026`, a(43)],
  ['a GitHub token', `remote: ghp_${a(36)} rejected`, `ghp_${a(36)}`],
  ['a fine-grained GitHub token', `github_pat_${a(22)}_${a(59)}`, a(59)],
  ['a GitLab token', `fetch with glpat-${a(20)}`, `glpat-${a(20)}`],
  ['a Slack token', `xoxb-${a(12, '1234567890')}-${a(24)}`, a(24)],
  ['a Slack webhook', `POST https://hooks.slack.com/services/T${a(8)}/B${a(8)}/${a(24)}`, a(24)],
  ['a Stripe key', `sk_live_${a(24)}`, `sk_live_${a(24)}`],
  ['a Google key', `key AIza${a(35)} over quota`, `AIza${a(35)}`],
  ['a model key', `401 sk-ant-api03-${a(60)}`, a(60)],
  ['an npm token', `//registry.example/:_authToken=npm_${a(36)}`, `npm_${a(36)}`],
  ['a PyPI token', `pypi-AgEIcHlwaS5vcmc${a(50)}`, a(50)],
  ['a SendGrid key', `SG.${a(22)}.${a(43)}`, a(43)],
  ['a Telegram token', `https://api.telegram.example/bot123456789:AA${a(33)}/getMe`, `AA${a(33)}`],
  ['a Vault token', `VAULT said hvs.${a(90)}`, `hvs.${a(90)}`],
  ['a JSON Web Token', `token was ${jwt} at 09:00`, jwt],
  ['a private key', `key follows\n${pem}\ndone`, `MIIE${a(60)}`],
  ['a private key in JSON', JSON.stringify({ key: pem }), `MIIE${a(60)}`],
  ['a private key that is cut off', pem.slice(0, 90), a(40)],
  ['a line of a private key alone', `09:00 app[7]: MIIE${a(60)}\n09:00 app[7]: next`, `MIIE${a(60)}`],
  ['a private key of many log entries', pem.replaceAll('\n', '\n2026-11-22T09:00:00Z app[7]: '), a(40)],
  ['a password in a list', `{"password":["${secretWord}"]}`, secretWord],
  ['a password in an object', `{"password":{"value":"${secretWord}"}}`, secretWord],
  ['a password of a driver in Go', `app:${secretWord}@tcp(db-01:3306)/shop`, secretWord],
  ['a constant in PHP', `define('DB_PASSWORD', '${secretWord}');`, secretWord],
  ['a string of many lines', `password = """${secretWord}"""`, secretWord],
  ['a comparison', `password == ${secretWord}`, secretWord],
  ['a name in wide letters', `ｐａｓｓｗｏｒｄ＝${secretWord}`, secretWord],
  ['a login to a registry', `docker login -u app -p ${secretWord} registry.example`, secretWord],
  ['a password hash', `app:$6$${a(8)}$${a(86)}:19000:0`, a(86)],
  ['a yescrypt hash', `root:$y$j9T$${a(22)}$${a(43)}:19000`, a(43)],
  ['a bcrypt hash', `hash $2b$12$${a(53)}`, a(53)],
  ['a directory hash', `userPassword: {SSHA}${a(32)}`, a(32)],
  ['a flag of a command', `/usr/bin/app --user x --password ${secretWord} --verbose`, secretWord],
  ['a flag with a sign', `app --api-key=${secretWord}`, secretWord],
  ['the mysql client', `mysql -h db -uroot -p${secretWord} shop`, secretWord],
  ['curl with credentials', `curl -s -u deploy:${secretWord} https://example.com`, secretWord],
  ['the redis client', `redis-cli -h cache -a ${secretWord} ping`, secretWord],
  ['openssl', `openssl rsa -in k.pem -passin pass:${secretWord}`, secretWord],
  ['SQL', `CREATE USER 'app'@'%' IDENTIFIED BY '${secretWord}';`, secretWord],
  ['SQL of PostgreSQL', `ALTER ROLE app WITH LOGIN PASSWORD '${secretWord}'`, secretWord],
  ['a .netrc line', `machine example.com login deploy password ${secretWord}`, secretWord],
  ['a .pgpass line', `db-01:5432:app:app:${secretWord}`, secretWord],
  [
    'Docker credentials',
    `{"auths":{"r.example":{"auth":"${base64(`bot:${secretWord}`)}"}}}`,
    base64(`bot:${secretWord}`),
  ],
  ['a reset link', `sent https://example.com/reset?token=${a(32)} to user`, a(32)],
  ['an OTP seed', `otpauth://totp/x?secret=${a(32, 'ABCDEFGHIJKLMNOP')}`, a(32, 'ABCDEFGHIJKLMNOP')],
  ['an SNMP community', `community: ${secretWord}`, secretWord],
  [
    'base64 round it',
    `payload ${base64(`password=${secretWord} and more`)}`,
    base64(`password=${secretWord} and more`),
  ],
  ['URL-encoding round it', `q=password%3D${secretWord}%26x`, secretWord],
  ['a colour code in it', `password=\u001B[31mhunt\u001B[0mer2-abcdef`, 'er2-abcdef'],
  ['a zero-width space in it', `ghp_${a(18)}\u200B${a(18)}`, a(18)],
  [
    'a stack trace',
    `AuthError: bad login at connect (postgres://u:${secretWord}@h/d)\n    at run (x.js:1:2)`,
    secretWord,
  ],
  ['an age key', `AGE-SECRET-KEY-1${a(58, 'QPZRY9X8GF2TVDW0')}`, a(58, 'QPZRY9X8GF2TVDW0')],
]

/** Lines that look a little like it and must stay as they are. */
const harmless: readonly string[] = [
  `commit ${hex(40)}`,
  `sha256:${hex(64)}`,
  'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  'request 0198f2a1-7c3e-7b44-9d1e-2f6a8b9c0d1e done',
  'token expired',
  'token: expired',
  'password authentication failed for user app',
  'Failed password for root from 10.0.0.1 port 22 ssh2',
  'password: incorrect',
  'max_tokens: 4096, total_tokens=512',
  'Basic authentication required',
  'bearer authentication is not configured',
  'secrets: 3 found',
  'token=null',
  'Accepted publickey for deploy from 10.0.0.5 port 50022 ssh2: ED25519 SHA256:abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ',
  'status half-configured nginx:amd64 1.22.1-9+deb12u1',
  'GET /reset?page=2 HTTP/1.1" 200 512 "-" "Mozilla/5.0 (X11; Linux x86_64)"',
  'open() "/etc/nginx/ssl/site.key" failed (2: No such file or directory)',
  'ssl_certificate_key /etc/ssl/private/site.key;',
  'unit nginx.service: Main process exited, code=killed, status=9/KILL',
  'key exchange curve25519-sha256, cipher aes128-gcm@openssh.com',
  'http://example.com:8080/path?code=200',
  'mkdir -p /var/lib/app',
  'mysql -p shop',
  'the secret of good operations is sleep',
  'sshd[12]: pam_unix(sshd:session): session opened for user deploy(uid=1000) by (uid=0)',
  'iowait=3.2 seed=42',
  'ls --author --pass-through',
  'passwd: password changed for app',
  'a'.repeat(64),
  'password authentication failed, token refresh scheduled for api key rotation',
  'token 0198f2a1-7c3e-7b44-9d1e-2f6a8b9c0d1e is not known',
  'secret kube-system/TlsCert2026Prod was not found',
  `cache key ${hex(40)} missed`,
  'live_updates_are_disabled_for_this_deployment_of_the_shop',
  'sleep.user-session-us1 moved, access-production-group has 3 members',
]

describe('redaction', () => {
  it.each(secrets)('takes out %s', (_, line, secret) => {
    const redacted = redactText(line)
    expect(redacted).not.toContain(secret)
    expect(redacted).toMatch(/\[redacted:[a-z-]+\]/)
  })

  it.each(harmless)('leaves alone: %s', (line) => {
    expect(redactText(line)).toBe(line)
  })

  it('changes nothing more when it is done twice', () => {
    for (const [, line] of secrets) expect(redactText(redactText(line))).toBe(redactText(line))
  })

  it('keeps JSON lines JSON', () => {
    for (const [, line] of secrets) {
      const text = redactText(
        JSON.stringify({ message: line, nested: { text: JSON.stringify({ line }) }, after: 'kept' }),
      )
      expect(JSON.parse(text)).toMatchObject({ after: 'kept' })
    }
  })

  it.each(['password=', 'password: ', 'x token =', 'login x password '])(
    'keeps JSON JSON where a text in it ends with: %s',
    (end) => {
      const line = { msg: end, name: 'up', inner: JSON.stringify({ says: end, next: 1 }), [a(3) + secretKey]: 1 }
      const text = redactText(JSON.stringify(line))
      expect(JSON.parse(text)).toMatchObject({ msg: end, name: 'up', inner: line.inner })
      expect(text).not.toContain(secretKey)
      expect(redactText(text)).toBe(text)
    },
  )

  it('leaves JSON that nobody can walk through to what reads plain text', () => {
    const deep = `${'['.repeat(50_000)}"password=","${a(3)}"${']'.repeat(50_000)}`
    expect(redactText(deep)).toContain('[redacted:secret]')
  })

  it('judges a value together with its key', () => {
    const value = { password: 'hunter2x', port: 5432, list: [`Bearer ${a(30)}`], state: 'active' }
    const redacted = { password: '[redacted:secret]', port: 5432, list: ['Bearer [redacted:bearer]'], state: 'active' }
    expect(redactJson(value)).toEqual(redacted)
  })

  it('removes what is only there to mislead a terminal or a reader', () => {
    expect(normaliseText('\u001B]0;title\u0007a\u0000b\u001B[31mc\u001B[0m\rd\r\ne\u202Ef\uFEFF\u009B1mg\ttab')).toBe(
      'abc\nd\nefg\ttab',
    )
  })

  it.each(['GET /\u009D', 'GET /\u001B]0;', 'GET /\u001BP', '"x -----BEGIN PRIVATE KEY-----"'])(
    'takes no other line of a log away for what begins in one: %j',
    (text) => {
      const others = 'EXT4-fs error: no space left on device\nnginx[7]: bind() to 0.0.0.0:80 failed'
      expect(redactText(`${text}\n${others}`)).toContain(others)
    },
  )

  it('reads hostile text of the largest size without choking on it', () => {
    const hostile = [
      'a',
      'eyJ',
      '://a:',
      'password=',
      'a.b_c-',
      '-----BEGIN PRIVATE KEY-----',
      '%41',
      '"\\',
      'mysql ',
      '\u001B]',
    ]
    for (const part of hostile) expect(redactText(part.repeat(65_536 / part.length)).length).toBeGreaterThanOrEqual(0)
  })
})

describe('redaction that cannot be done', () => {
  it('loses the text and not the secret', () => {
    // More than the engine of expressions takes in one match.
    expect(redactText(`password="${'a,'.repeat(16_000_000)}"`)).toBe('[not shown: it could not be redacted]')
  })
})
