// What secrets look like in logs. Every quantifier is bounded: the text is hostile, and matching must stay linear.

/**
 * `pattern` finds it; a group named `keep` stands before the secret and stays. `only`: what else must be true of the
 * match.
 */
export type RedactionRule = {
  readonly kind: string
  readonly pattern: RegExp
  readonly only?: (secret: string) => boolean
}

/** The end of a token that is recognised by its first letters. */
const edge = String.raw`(?![A-Za-z0-9_-])`

function token(kind: string, shape: string): RedactionRule {
  return { kind, pattern: new RegExp(String.raw`(?<![A-Za-z0-9_-])(?:${shape})${edge}`, 'g') }
}

/** Issued by somebody who made them recognisable. */
const branded: readonly RedactionRule[] = [
  token('jwt', String.raw`eyJ[A-Za-z0-9_-]{6,2000}\.[A-Za-z0-9_-]{6,8000}\.[A-Za-z0-9_-]{0,2000}`),
  token('aws-key', '(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[A-Z0-9]{16}'),
  token('github-token', 'gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{40,255}'),
  token('gitlab-token', 'gl(?:pat|dt|rt|ptt|soat|cbt|agent|feed)-[A-Za-z0-9_-]{20,200}'),
  token('slack-token', 'xox[abeoprs]-[A-Za-z0-9-]{10,250}|xapp-[A-Za-z0-9-]{10,250}'),
  token('stripe-key', '(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,250}|whsec_[A-Za-z0-9+/=]{20,100}'),
  token('google-key', String.raw`AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,400}|GOCSPX-[A-Za-z0-9_-]{20,60}`),
  token('model-key', 'sk-ant-[A-Za-z0-9_-]{20,250}|sk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{20,250}|hf_[A-Za-z0-9]{30,60}'),
  token(
    'registry-token',
    'npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{40,400}|rubygems_[a-f0-9]{48}|dckr_pat_[A-Za-z0-9_-]{20,60}',
  ),
  token(
    'mail-key',
    String.raw`SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}|key-[0-9a-f]{32}|xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}`,
  ),
  token('twilio-key', 'SK[0-9a-f]{32}'),
  token('telegram-token', '(?:bot)?[0-9]{8,10}:AA[A-Za-z0-9_-]{32,35}'),
  token('vault-token', String.raw`hv[sbr]\.[A-Za-z0-9_-]{20,300}|[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60,70}`),
  token('cloud-token', 'do[opr]_v1_[a-f0-9]{64}|dapi[a-f0-9]{32}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}|NRAK-[A-Z0-9]{27}'),
  token(
    'observability-token',
    'gl(?:sa|c)_[A-Za-z0-9_=+/-]{20,250}|lin_api_[A-Za-z0-9]{40}|PMAK-[a-f0-9]{24}-[a-f0-9]{34}',
  ),
  token('age-key', 'AGE-SECRET-KEY-1[A-Z0-9]{58}'),
  {
    kind: 'webhook-url',
    pattern:
      /(?<keep>hooks\.slack\.com\/(?:services|workflows)\/|discord(?:app)?\.com\/api\/webhooks\/)[A-Za-z0-9_/-]{20,200}/g,
  },
  {
    kind: 'password-hash',
    pattern: /\$(?:1|2[abxy]|5|6|7|y|gy|argon2(?:id|i|d)|scrypt|pbkdf2[a-z0-9-]{0,10})\$[^\s:"'\\,;]{8,400}/g,
  },
  {
    kind: 'password-hash',
    pattern: /\{S?SHA(?:256|512)?\}[A-Za-z0-9+/]{20,200}={0,2}|\bpbkdf2_sha256\$\d{1,9}\$[^\s:"'\\]{20,200}/g,
  },
]

/** Blocks of text. An unfinished one ends with the text, or with the JSON string that it stands in. */
const blocks: readonly RedactionRule[] = [
  {
    kind: 'private-key',
    pattern:
      /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[^"]{0,20000}?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|(?=\\{0,7}"|$(?![^])))/g,
  },
  { kind: 'private-key', pattern: /(?<keep>Private-Lines: \d{1,4}\s{1,4})[A-Za-z0-9+/=\s]{20,20000}/g },
]

/** HTTP headers, as logs and traces repeat them. */
const headers: readonly RedactionRule[] = [
  {
    kind: 'authorization',
    pattern:
      /(?<keep>\b(?:proxy-)?authorization\\{0,7}["']?\s{0,3}[:=]\s{0,3}\\{0,7}["']?(?:(?:bearer|basic|digest|token|apikey|negotiate|aws4-hmac-sha256)\s{1,3})?)(?!\[redacted:)[^\s"'\\][^"'\\\n]{0,2000}/gi,
  },
  {
    kind: 'bearer',
    pattern: /(?<keep>\bbearer\s{1,3})[A-Za-z0-9._~+/-]{12,4000}={0,2}/gi,
    only: (secret) => /\d/.test(secret),
  },
  { kind: 'basic', pattern: /(?<keep>\bbasic\s{1,3})[A-Za-z0-9+/]{8,400}={0,2}/gi, only: isCredentials },
  {
    kind: 'cookie',
    pattern:
      /(?<keep>\b(?:set-)?cookie2?\\{0,7}["']?\s{0,3}[:=]\s{0,3}\\{0,7}["']?)(?!\[redacted:)[^\s"'\\=]{1,200}=[^"'\\\n]{1,4000}/gi,
  },
]

/** Addresses with a password in them, and signed or one-time links. */
const addresses: readonly RedactionRule[] = [
  {
    kind: 'url-password',
    pattern: /(?<keep>\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@"'\\[]{0,200}:)(?!\[redacted:)[^\s/@"'\\]{1,400}(?=@)/gi,
  },
  {
    kind: 'url-password',
    pattern: /(?<keep>\b[a-z][a-z0-9+.-]{1,20}:\/\/)(?!\[redacted:)[A-Za-z0-9_-]{20,400}(?=@)/gi,
  },
  {
    kind: 'signed-link',
    pattern:
      /(?<keep>[?&;](?:x-amz-(?:signature|credential|security-token)|x-goog-(?:signature|credential)|sig|signature|token|access_token|id_token|refresh_token|code|key|auth|invite|reset(?:_token)?|ticket|state|otp|password|secret|apikey|api_key)=)(?!\[redacted:)[^\s&"'\\#<>]{6,4000}/gi,
  },
]

/** Command lines, as process lists and shell histories show them. */
const commands: readonly RedactionRule[] = [
  {
    kind: 'flag',
    pattern:
      /(?<keep>(?:^|\s)--?(?:[a-z0-9]{1,20}-){0,3}(?:password|passwd|pass|passphrase|secret|token|api-?key|auth|credentials?|private-?key|access-?key)[= ]\s{0,3}["']?)(?!-|\[redacted:)[^\s"'\\]{3,1000}/gim,
  },
  {
    kind: 'flag',
    pattern:
      /(?<keep>\b(?:(?:mysql|mysqldump|mysqladmin|mariadb|mariadb-dump)\b[^\n]{0,200}?\s-p|(?:sshpass|mongosh?|ldapsearch)\b[^\n]{0,200}?\s-[pw] ?))(?!-|\[redacted:)[^\s"'\\]{3,400}/g,
  },
  {
    kind: 'flag',
    pattern:
      /(?<keep>\b(?:curl|wget|http)\b[^\n]{0,300}?\s(?:-u|--user|--proxy-user) ?["']?[^\s:"'\\]{1,100}:)(?!\[redacted:)[^\s"'\\]{1,400}/g,
  },
  { kind: 'flag', pattern: /(?<keep>\bredis-cli\b[^\n]{0,200}?\s-a )(?!\[redacted:)[^\s"'\\]{3,400}/g },
  {
    kind: 'flag',
    pattern:
      /(?<keep>\bhtpasswd\b[^\n]{0,100}?\s-[a-zA-Z]{0,4}b[a-zA-Z]{0,4}\s\S{1,200}\s\S{1,100}\s)(?!\[redacted:)\S{3,200}/g,
  },
  {
    kind: 'flag',
    pattern:
      /(?<keep>\s-(?:passin|passout|pass|k)\s(?:pass:)?)(?!\[redacted:|file:|env:|fd:|stdin)[^\s"'\\-][^\s"'\\]{3,200}/g,
    only: (secret) => !secret.startsWith('/'),
  },
  { kind: 'flag', pattern: /(?<keep>\bsmbclient\b[^\n]{0,200}?\s-U ?[^\s%"'\\]{1,100}%)[^\s"'\\]{1,200}/g },
]

/** Statements and files that hold a password without a sign between name and value. */
const statements: readonly RedactionRule[] = [
  {
    kind: 'sql-password',
    pattern:
      /(?<keep>\b(?:identified\s{1,3}(?:with\s{1,3}\S{1,60}\s{1,3})?by|password|authentication_string)\s{1,3}(?:password\s{1,3})?['"])(?!\[redacted:)[^'"\n]{1,400}(?=['"])/gi,
  },
  { kind: 'netrc', pattern: /(?<keep>\blogin\s{1,3}\S{1,200}\s{1,3}password\s{1,3})(?!\[redacted:)[^\s"\\]{1,400}/gi },
  {
    kind: 'pgpass',
    pattern:
      /(?<keep>^[\w.*-]{1,200}:(?:5432|5433|6432|\*):[\w*-]{1,100}:[\w*-]{1,100}:)(?!\[redacted:)[^\s"\\]{1,400}/gim,
  },
  {
    kind: 'docker-auth',
    pattern: /(?<keep>\\{0,7}"auth\\{0,7}"\s{0,3}:\s{0,3}\\{0,7}")[A-Za-z0-9+/]{8,400}={0,2}/g,
    only: isCredentials,
  },
]

const secretName =
  'password|passwd|passphrase|passcode|pwd|secret|secret[_-]?key|secret[_-]?access[_-]?key|token|api[_-]?key|apikey|app[_-]?key|access[_-]?key|account[_-]?key|shared[_-]?access[_-]?key|private[_-]?key|signing[_-]?key|encryption[_-]?key|master[_-]?key|license[_-]?key|client[_-]?secret|auth[_-]?token|session[_-]?(?:id|key|token)|sessid|credentials?'
/** Also the end of other words: only as a word of its own. */
const shortName = 'otp|totp|seed|pepper|salt|community'

// A plain string with its own escapes, one that stands escaped in another, and the other kind of quotes.
const quotedValue = String.raw`"(?:[^"\\\n]|\\[^\n]){1,2000}(?=")|\\{1,7}"(?:(?!\\{1,7}")[^"\n]){1,2000}(?=\\{1,7}")|'[^'"\\\n]{1,2000}(?=')`
const bareValue = String.raw`(?:[^\s"'\\,;&<>()\[\]{}]|\\(?!["'\\nrt]))(?:[^\s"'\\,;&<>]|\\(?!["'\\nrt])){2,2000}`

/** A name that says so, a sign, a value: `DB_PASSWORD=…`, `"password": "…"`, `password => '…'`. */
const named: readonly RedactionRule[] = [
  {
    kind: 'secret',
    pattern: new RegExp(
      String.raw`(?<keep>(?:${secretName}|(?<![A-Za-z])(?:${shortName}))(?:[_-]?(?:hash|value|base64))?\\{0,7}["']?\s{0,4}(?:=>|:=|[=:])\s{0,4})(?!\\{0,7}["']?\[redacted:)(?:${quotedValue}|${bareValue})`,
      'gi',
    ),
    only: isNoWord,
  },
]

/** In this order: what is recognised for sure first, what is guessed from a name last. */
export const redactionRules: readonly RedactionRule[] = [
  ...blocks,
  ...addresses,
  ...branded,
  ...headers,
  ...commands,
  ...statements,
  ...named,
]

/** Base64 of `user:password`. */
function isCredentials(secret: string): boolean {
  const text = Buffer.from(secret, 'base64').toString('utf8')
  return /^[\x20-\x7e]{1,200}:[\x20-\x7e]{1,400}$/.test(text)
}

/** What programs write after such a name when it is not the secret itself. */
const words = new Set(
  'true false null none nil undefined yes no empty unset expired invalid incorrect missing required denied rejected refused accepted valid failed changed updated unknown wrong disabled enabled not is was has authentication the a an in for from with user password'.split(
    ' ',
  ),
)

function isNoWord(secret: string): boolean {
  const value = secret.replace(/^\\{0,7}["']/, '').replace(/[.!?:]{1,3}$/, '')
  return (
    value.length >= 3 && !words.has(value.toLowerCase()) && !/^\d{1,5}$/.test(value) && !/^[*x.•]{3,}$/i.test(value)
  )
}
