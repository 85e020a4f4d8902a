// Values that are secret because of the name beside them.
import { bareValue, isMadeUp, isNoWord, quotedValue, type RedactionRule } from './redaction-rule.ts'

/** First what each name begins with (or all of it), which is what is looked for; a rule each, so that most rest. */
const names: readonly (readonly [needs: string, shape: string])[] = [
  ['pass', 'pass(?:word|wd|phrase|code)'],
  ['pwd', 'pwd'],
  ['secret', 'secret(?:[_-]?(?:access[_-]?)?key)?'],
  ['token', 'token'],
  ['key', 'key(?<=(?:api|app|access|account|private|signing|encryption|master|license|session|auth|shared)[_-]?key)'],
  ['sess', 'sess(?:id|ion[_-]?id)'],
  ['credential', 'credentials?'],
  // What a test says when it passes, and where a web server passes something on, is no password.
  [
    'pass',
    String.raw`(?<!(?:proxy|fastcgi|uwsgi|scgi|grpc)_)(?:(?<=[a-z0-9][_-])pass|(?:(?<![a-z])|(?<=\\[nrt]))pass(?=\\{0,7}["']|=))`,
  ],
  // Also the end of other words: only as words of their own.
  ['otp', String.raw`(?:(?<![A-Za-z])|(?<=\\[nrt]))t?otp`],
  ['seed', String.raw`(?:(?<![A-Za-z])|(?<=\\[nrt]))seed`],
  ['pepper', String.raw`(?:(?<![A-Za-z])|(?<=\\[nrt]))pepper`],
  ['salt', String.raw`(?:(?<![A-Za-z])|(?<=\\[nrt]))salt`],
  ['community', String.raw`(?:(?<![A-Za-z])|(?<=\\[nrt]))community`],
]

const quote = String.raw`\\{0,7}["']?`
const gap = String.raw`(?:\s|\\{1,7}[nrt])`
const value = String.raw`(?!${quote}\[redacted:)(?:${quotedValue}|${bareValue})`
const anyName = names.map(([, shape]) => shape).join('|')

/** A name that says so, a sign, a value: `DB_PASSWORD=…`, `"password": "…"`, `password => '…'`, `password: |`. */
const named = names.map(([needs, shape]): RedactionRule => ({
  kind: 'secret',
  needs: [needs],
  pattern: new RegExp(
    String.raw`(?<keep>${shape}(?:[_-]?(?:hash|value|base64|\d{1,3}))?${quote}\s{0,4}(?:=>|:=|==?(?!=)|->|:)(?:\s{0,4}[|>][+-]?${gap}{1,24}|\s{0,2}(?:\n|\\{1,7}n)\s{1,24}|\s{0,4})(?:\[\s{0,4}(?=\\{0,7}["'])|\{\s{0,4}${quote}value${quote}\s{0,4}:\s{0,4}|""(?=")|''(?='))?)${value}`,
    'gi',
  ),
  only: isNoWord,
}))

/** In this order. */
export const nameRules: readonly RedactionRule[] = [
  {
    kind: 'sql-password',
    needs: ['identified', 'password', 'authentication_string'],
    pattern:
      /(?<keep>(?:\b|(?<=\\[nrt]))(?:identified\s{1,3}(?:with\s{1,3}\S{1,60}\s{1,3})?by|password|authentication_string)\s{1,3}(?:password\s{1,3})?['"])(?!\[redacted:)(?:[^'"\n]|'')+(?=['"])/gi,
  },
  {
    kind: 'netrc',
    needs: ['login'],
    pattern: /(?<keep>(?:\b|(?<=\\[nrt]))login\s{1,3}\S{1,200}\s{1,3}password\s{1,3})(?!\[redacted:)[^\s"\\]+/gi,
  },
  {
    // Neither an IPv6 address nor a hardware address: a host is no short hexadecimal number.
    kind: 'pgpass',
    needs: [':'],
    pattern:
      /(?<keep>:(?:\d{4,5}|\*):(?<=(?<![\w.:*/@-])(?![0-9a-f]{1,4}:)[\w.*-]{1,200}:(?:\d{4,5}|\*):)(?:\*|[a-z_][\w-]{0,99}):(?:\*|[a-z_][\w-]{0,99}):)(?!\[redacted:)(?:[^\s"\\]|\\[:\\])+/gi,
  },
  {
    kind: 'secret',
    needs: ['value'],
    // As Kubernetes, Amazon and Docker write environments: the name is a value, too.
    pattern: new RegExp(
      String.raw`(?<keep>(?:\b|(?<=\\[nrt]))(?:name|key)${quote}\s{0,4}[:=]\s{0,4}${quote}[\w.-]{0,60}?(?:${anyName})[\w.-]{0,30}${quote}(?:,|${gap}){1,40}${quote}value${quote}\s{0,4}[:=]\s{0,4})${value}`,
      'gi',
    ),
    only: (secret) => isNoWord(secret, 'password'),
  },
  {
    kind: 'secret',
    needs: ['</'],
    pattern: new RegExp(
      String.raw`(?<keep><(?:[\w.-]{1,40}:)?[\w.-]{0,40}?(?:${anyName})>\s{0,20})(?!\[redacted:)[^\s<>"\\][^<>"\\\n]*(?=<)`,
      'gi',
    ),
    only: isNoWord,
  },
  {
    kind: 'secret',
    needs: ['pass', 'secret', 'token'],
    // In a sentence, what has a digit or a sign in it is no word of the sentence.
    pattern:
      /(?<keep>(?:\b|(?<=\\[nrt]))(?:password|passphrase|passcode|secret|token)(?:\sfor\s(?:user\s)?[^\s:]{1,100})?\s(?:is|was|to|now)(?:\snow|\s(?:re)?set\sto|\schanged\sto|:)?\s{1,2}\\{0,7}["'`]?)(?!\[redacted:)(?=[^\s"'`\\]{0,200}[\d!#$%^&*+=@~])[^\s"'`\\]+/gi,
  },
  {
    kind: 'secret',
    needs: ['pass'],
    pattern:
      /(?<keep>(?:\b|(?<=\\[nrt]))(?:password|passphrase|passcode)\sfor\s(?:user\s)?\\{0,7}["'`]?[^\s:"'`\\]{1,100}\\{0,7}["'`]?:\s{1,2}\\{0,7}["'`]?)(?!\[redacted:)(?:(?=[^\s"'`\\]{0,200}[\d!#$%^&*+=@~])[^\s"'`\\]+|[^\s"'`\\]+(?=["'`\\}\])]{0,10}$))/gim,
    only: isNoWord,
  },
  {
    // As programs in PHP and drivers in Go write them.
    kind: 'secret',
    needs: ['define('],
    pattern: new RegExp(
      String.raw`(?<keep>define\(\s{0,4}['"][\w.-]{0,60}(?:${anyName})[\w.-]{0,30}['"]\s{0,4},\s{0,4})${value}`,
      'gi',
    ),
    only: isNoWord,
  },
  {
    kind: 'url-password',
    needs: ['@tcp(', '@unix('],
    pattern: /(?<keep>(?<![\w.[-])[\w.-]{1,64}:)(?!\[redacted:)[^\s:"'\\[]{1,200}(?=@(?:tcp|unix)\()/gi,
  },
  {
    // Lines of configurations that have no sign between name and value.
    kind: 'secret',
    needs: ['bindpw', 'rootpw', 'requirepass', 'masterauth', 'wpa_passphrase'],
    pattern:
      /(?<keep>(?:\b|(?<=\\[nrt]))(?:bindpw|rootpw|requirepass|masterauth|wpa_passphrase)\s{1,8}\\{0,7}["']?)(?!\[redacted:)[^\s"'\\]{3,}/gi,
    only: isNoWord,
  },
  {
    kind: 'secret',
    needs: ['password', 'passwd', 'passphrase', 'passcode', 'secret', 'token', 'key'],
    pattern:
      /(?<keep>(?:\b|(?<=\\[nrt]))(?:password|passwd|passphrase|passcode|secret|token|(?:api|access|auth|signing|encryption)[ _-]?key)[ \t]{1,3}\\{0,7}["'`]?)(?!\[redacted:)[^\s"'`\\,;]{8,}/gi,
    only: isMadeUp,
  },
  ...named,
]
