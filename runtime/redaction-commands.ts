// Passwords on command lines, as process lists and shell histories show them.
import { bareValue, isNoWord, quotedValue, type RedactionRule } from './redaction-rule.ts'

function flag(needs: readonly string[], keep: string, value: string): RedactionRule {
  return { kind: 'flag', needs, pattern: new RegExp(String.raw`(?<keep>${keep})(?!-|\[redacted:)${value}`, 'g') }
}

const word = String.raw`[^\s"'\\]{3,}`

/** In any order. */
export const commandRules: readonly RedactionRule[] = [
  {
    kind: 'flag',
    needs: ['pass', 'secret', 'token', 'key', 'auth', 'credential'],
    pattern: new RegExp(
      String.raw`(?<keep>(?:(?<![^\s"'])|(?<=\\[nrt]))--?(?:[a-z0-9]{1,20}-){0,3}(?:password|passwd|pass|passphrase|secret|token|api-?key|auth|credentials?|private-?key|access-?key)(?:[= ]\s{0,3}|\\{0,7}["'],\s{0,3}))(?!-|\\{0,7}["']?\[redacted:)(?:${quotedValue}|${bareValue})`,
      'gi',
    ),
    only: isNoWord,
  },
  flag(
    ['mysql', 'mariadb'],
    String.raw`(?:\b|(?<=\\[nrt]))(?:mysql|mysqldump|mysqladmin|mariadb|mariadb-dump)\b[^\n]{0,200}?\s-p["']?`,
    word,
  ),
  flag(
    ['sshpass', 'mongo', 'ldapsearch'],
    String.raw`(?:\b|(?<=\\[nrt]))(?:sshpass|mongosh?|ldapsearch)\b[^\n]{0,200}?\s-[pw] ?["']?`,
    word,
  ),
  flag(
    ['curl', 'wget', 'http'],
    String.raw`(?:\b|(?<=\\[nrt]))(?:curl|wget|http)\b[^\n]{0,300}?\s(?:-u|--user|--proxy-user) ?["']?[^\s:"'\\]{1,100}:`,
    String.raw`[^\s"'\\]+`,
  ),
  flag(
    ['docker', 'podman'],
    String.raw`(?:\b|(?<=\\[nrt]))(?:docker|podman)\slogin\b[^\n]{0,200}?\s-p[ =]?["']?`,
    word,
  ),
  flag(['redis-cli'], String.raw`(?:\b|(?<=\\[nrt]))redis-cli\b[^\n]{0,200}?\s-a ["']?`, word),
  flag(
    ['htpasswd'],
    String.raw`(?:\b|(?<=\\[nrt]))htpasswd\b[^\n]{0,100}?\s-[a-zA-Z]{0,4}b[a-zA-Z]{0,4}\s\S{1,200}\s\S{1,100}\s`,
    String.raw`\S{3,}`,
  ),
  {
    kind: 'flag',
    needs: [' -pass', ' -k'],
    pattern:
      /(?<keep>\s-(?:passin|passout|pass|k)\s(?:pass:)?)(?!\[redacted:|file:|env:|fd:|stdin)[^\s"'\\-][^\s"'\\]{3,}/g,
    only: (secret) => !secret.startsWith('/'),
  },
  flag(
    ['smbclient'],
    String.raw`(?:\b|(?<=\\[nrt]))smbclient\b[^\n]{0,200}?\s-U ?[^\s%"'\\]{1,100}%`,
    String.raw`[^\s"'\\]+`,
  ),
]
