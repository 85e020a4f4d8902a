// What secrets look like in logs. The text is hostile, and matching must stay linear: a quantifier is bounded, or what
// it reads always becomes part of a match, or it ends where the next match could begin.

import { commandRules } from './redaction-commands.ts'
import { nameRules } from './redaction-names.ts'
import { isCredentials, type RedactionRule } from './redaction-rule.ts'
import { token, vendorRules } from './redaction-vendors.ts'

/** Where a long text is divided into lines, also inside JSON. */
const wrapped = String.raw`(?:\s|\\{1,7}[nrt]){1,20}`

/** Issued by somebody who made them recognisable. */
const branded: readonly RedactionRule[] = [
  token(
    'jwt',
    'eyj',
    String.raw`eyJ[A-Za-z0-9_-]{6,}\.(?:${wrapped}(?=eyJ))?[A-Za-z0-9_-]{6,}\.(?:${wrapped}(?=[A-Za-z0-9_-]{20,}))?[A-Za-z0-9_-]*`,
  ),
  token('aws-key', 'akia asia aroa aida abia acca', '(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[A-Z0-9]{16}'),
  token(
    'github-token',
    'ghp_ gho_ ghu_ ghs_ ghr_ github_pat_',
    'gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{40,}',
  ),
  token(
    'gitlab-token',
    'glpat- gldt- glrt- glptt- glsoat- glcbt- glagent- glfeed-',
    'gl(?:pat|dt|rt|ptt|soat|cbt|agent|feed)-[A-Za-z0-9_-]{20,}',
  ),
  token('slack-token', 'xox xapp-', 'xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,}'),
  token('stripe-key', '_live_ _test_ whsec_', '(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/=]{20,}'),
  token(
    'google-key',
    'aiza ya29. gocspx-',
    String.raw`AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,}|GOCSPX-[A-Za-z0-9_-]{20,}`,
  ),
  token(
    'model-key',
    'sk- hf_',
    'sk-ant-[A-Za-z0-9_-]{20,}|sk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{20,}|hf_[A-Za-z0-9]{30,}',
  ),
  token(
    'registry-token',
    'npm_ pypi- rubygems_ dckr_pat_',
    'npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{40,}|rubygems_[a-f0-9]{48}|dckr_pat_[A-Za-z0-9_-]{20,}',
  ),
  token(
    'mail-key',
    'sg. key- xkeysib-',
    String.raw`SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}|key-[0-9a-f]{32}|xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}`,
  ),
  token('twilio-key', 'sk', 'SK[0-9a-f]{32}'),
  token('telegram-token', ':aa', '(?:bot)?[0-9]{8,10}:AA[A-Za-z0-9_-]{32,35}'),
  token(
    'vault-token',
    'hvs. hvb. hvr. .atlasv1.',
    String.raw`hv[sbr]\.[A-Za-z0-9_-]{20,300}|[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60,70}`,
  ),
  token(
    'cloud-token',
    'dop_v1_ doo_v1_ dor_v1_ dapi shpat_ shpca_ shppa_ shpss_ nrak-',
    'do[opr]_v1_[a-f0-9]{64}|dapi[a-f0-9]{32}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}|NRAK-[A-Z0-9]{27}',
  ),
  token(
    'observability-token',
    'glsa_ glc_ lin_api_ pmak-',
    'gl(?:sa|c)_[A-Za-z0-9_=+/-]{20,}|lin_api_[A-Za-z0-9]{40}|PMAK-[a-f0-9]{24}-[a-f0-9]{34}',
  ),
  token('age-key', 'age-secret-key-1', 'AGE-SECRET-KEY-1[A-Z0-9]{58}'),
  {
    kind: 'webhook-url',
    needs: ['hooks.slack.com', '/api/webhooks/'],
    pattern:
      /(?<keep>hooks\.slack\.com\/(?:services|workflows)\/|discord(?:app)?\.com\/api\/webhooks\/)[A-Za-z0-9_/-]{20,}/g,
  },
  {
    kind: 'password-hash',
    needs: ['$'],
    pattern: /\$(?:1|apr1|2[abxy]|5|6|7|y|gy|argon2(?:id|i|d)|scrypt|pbkdf2[a-z0-9-]{0,10})\$[^\s:"'\\,;]{8,}/g,
  },
  {
    kind: 'password-hash',
    needs: ['{sha', '{ssha', 'pbkdf2_sha256$'],
    pattern:
      /\{S?SHA(?:256|512)?\}[A-Za-z0-9+/]{20,}={0,2}|(?:\b|(?<=\\[nrt]))pbkdf2_sha256\$\d{1,9}\$[^\s:"'\\]{20,}/g,
  },
]

const keyEnd = '-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----'
/** A line of base64, and what a journal puts before it. */
const keyLine = String.raw`[^\n"]{0,200}?(?<!\S)[A-Za-z0-9+/=]{16,}[^\S\n]{0,4}(?=\n|$(?![^]))`
const keyHeader = String.raw`(?:[^\n"]{0,200}?(?:Proc-Type|DEK-Info|Version|Comment): [^\n"]{0,100})?(?=\n)`
/** Characters; the longest in use has 13,000, and each of its lines may have something before it. */
const longestKey = 30_000

/**
 * Blocks of text. One without an end goes as far as its lines look like a key's: one forged line of a log does not take
 * all others with it.
 */
const blocks: readonly RedactionRule[] = [
  {
    kind: 'private-key',
    needs: ['private key'],
    pattern: new RegExp(
      String.raw`-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:(?:[^"-]|-(?!----BEGIN)){0,${longestKey}}?${keyEnd}|(?:[^\n"\\-]|-(?!----BEGIN)|\\(?!\\{0,7}"))*(?:\n${keyHeader}){0,4}(?:\n${keyLine})*(?:\n[A-Za-z0-9+/=]{1,15}$(?![^]))?)`,
      'g',
    ),
  },
  {
    // What is left of one whose beginning was cut off: by us, or with the lines of a file before its last ones.
    kind: 'private-key',
    needs: ['private key'],
    pattern:
      /(?<keep>^|characters left out …)(?:[A-Za-z0-9+/=]|\s|\\{1,7}n){8,}-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g,
  },
  {
    kind: 'private-key',
    needs: ['private-lines'],
    pattern: /(?<keep>Private-Lines: \d{1,4}\s{1,4})[A-Za-z0-9+/=\s]{20,}/g,
  },
]

/** HTTP headers, as logs and traces repeat them. */
const headers: readonly RedactionRule[] = [
  {
    kind: 'authorization',
    needs: ['authorization'],
    pattern:
      /(?<keep>(?:\b|(?<=\\[nrt]))(?:proxy-)?authorization\\{0,7}["']?\s{0,3}[:=]\s{0,3}\\{0,7}["']?(?:(?:bearer|basic|digest|token|apikey|negotiate|aws4-hmac-sha256)\s{1,3})?)(?!\[redacted:)[^\s"'\\][^"'\\\n]*/gi,
  },
  {
    kind: 'bearer',
    needs: ['bearer'],
    pattern: /(?<keep>(?:\b|(?<=\\[nrt]))bearer\s{1,3})[A-Za-z0-9._~+/-]{12,}={0,2}/gi,
    only: (secret) => /\d/.test(secret),
  },
  {
    kind: 'basic',
    needs: ['basic'],
    pattern: /(?<keep>(?:\b|(?<=\\[nrt]))basic\s{1,3})[A-Za-z0-9+/]{8,}={0,2}/gi,
    only: isCredentials,
  },
  {
    kind: 'cookie',
    needs: ['cookie'],
    pattern:
      /(?<keep>(?:\b|(?<=\\[nrt]))(?:set-)?cookie2?\\{0,7}["']?\s{0,3}[:=]\s{0,3}\\{0,7}["']?)(?!\[redacted:)[^\s"'\\=]{1,200}=[^"'\\\n]+/gi,
  },
  {
    kind: 'docker-auth',
    needs: ['auth'],
    pattern: /(?<keep>\\{0,7}"auth\\{0,7}"\s{0,3}:\s{0,3}\\{0,7}")[A-Za-z0-9+/]{8,}={0,2}/g,
    only: isCredentials,
  },
]

/** Addresses with a password in them, and signed or one-time links. */
const addresses: readonly RedactionRule[] = [
  {
    // Up to the last sign before a host; digits and a slash are a port and a path.
    kind: 'url-password',
    needs: ['@'],
    pattern:
      /(?<keep>:(?:\\{0,7}\/){2}[^\s:/@"'\\[]{0,200}:)(?!\[redacted:|\d{1,5}[/?#\\])(?:(?!:\\{0,7}\/\\{0,7}\/)(?:[^\s@"'\\]|\\{1,7}\/))+(?:@(?:(?!:\\{0,7}\/\\{0,7}\/)[^\s@?"'\\])+)*(?=@)/gi,
  },
  {
    kind: 'url-password',
    needs: ['@'],
    pattern: /(?<keep>:\/\/)(?!\[redacted:)[A-Za-z0-9_-]{20,}(?=@)/gi,
  },
  {
    kind: 'signed-link',
    needs: ['?', '&', ';'],
    pattern:
      /(?<keep>[?&;](?:x-amz-(?:signature|credential|security-token)|x-goog-(?:signature|credential)|sig|signature|token|access_token|id_token|refresh_token|code|key|auth|invite|reset(?:_token)?|ticket|state|otp|password|secret|apikey|api_key)=)(?!\[redacted:)(?:[^\s&"'\\#<>]|'(?=[\w%])){6,}/gi,
    only: (secret, keep) => !/state=$/i.test(keep) || /\d/.test(secret) || secret.length >= 20,
  },
]

/** In this order: what is recognised for sure first, what is guessed from a name last. */
export const redactionRules: readonly RedactionRule[] = [
  ...blocks,
  ...addresses,
  ...branded,
  ...vendorRules,
  ...headers,
  ...commandRules,
  ...nameRules,
]
