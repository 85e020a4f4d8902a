// Kinds of secrets as their issuers describe them, in the lines that they come in. Written from those descriptions and
// not from what redaction looks for.
import type { Letters } from './letters.ts'

/** A line of a log, and the part of it that nobody may see; it is random through and through. */
export type Plant = { readonly line: string; readonly secret: string }
export type Kind = readonly [name: string, plant: (letters: Letters) => Plant]

function of(secret: string, line: (secret: string) => string): Plant {
  return { secret, line: line(secret) }
}
const encoded = (text: string): string => Buffer.from(text).toString('base64')

/** Issued by a vendor, with letters at the beginning that say so. `#` stands for the random part. */
function issued(name: string, beginning: string, random: (letters: Letters) => string, line: string): Kind {
  return [name, (letters) => of(random(letters), (secret) => line.replace('#', () => beginning + secret))]
}

const vendors: readonly Kind[] = [
  issued('AWS access key', 'AKIA', (l) => l.base32(16), 'caller # is not authorised to perform s3:GetObject'),
  issued('GitHub token', 'ghp_', (l) => l.alnum(36), "remote: invalid credentials '#'"),
  issued('GitHub fine-grained token', 'github_pat_', (l) => `${l.alnum(22)}_${l.alnum(59)}`, 'clone failed with #'),
  issued('GitLab token', 'glpat-', (l) => l.alnum(20), 'runner refused #: 403'),
  issued('Slack bot token', 'xoxb-', (l) => `${l.digits(12)}-${l.digits(12)}-${l.alnum(24)}`, 'slack: # invalid_auth'),
  issued('Stripe key', 'sk_live_', (l) => l.alnum(24), 'charge failed (key #)'),
  issued('SendGrid key', 'SG.', (l) => `${l.url(22)}.${l.url(43)}`, 'smtp relay answered 401 for #'),
  issued('Mailgun key', 'key-', (l) => l.hex(32), 'mailgun: # is disabled'),
  issued('Google API key', 'AIza', (l) => l.url(35), 'geocoder: quota of # exceeded'),
  issued('npm token', 'npm_', (l) => l.alnum(36), 'publish refused: #'),
  issued('PyPI token', 'pypi-AgEIcHlwaS5vcmc', (l) => l.url(120), 'upload of wheel with # failed'),
  issued('Docker token', 'dckr_pat_', (l) => l.url(27), 'pull denied for #'),
  issued('Vault token', 'hvs.', (l) => l.url(92), 'vault: permission denied for #'),
  issued('DigitalOcean token', 'dop_v1_', (l) => l.hex(64), 'droplet list: # unauthorised'),
  issued('Databricks token', 'dapi', (l) => l.hex(32), 'cluster start: # expired'),
  issued('Grafana service account', 'glsa_', (l) => `${l.alnum(32)}_${l.hex(8)}`, 'annotation refused, token was #'),
  issued('Shopify token', 'shpat_', (l) => l.hex(32), 'inventory sync with # stopped'),
  issued('Anthropic key', 'sk-ant-api03-', (l) => `${l.url(93)}AA`, 'model call refused: # over quota'),
  issued('Hugging Face token', 'hf_', (l) => l.alnum(34), 'download of weights: # rejected'),
  issued('Groq key', 'gsk_', (l) => l.alnum(52), 'completion with # timed out'),
  issued('Linear key', 'lin_api_', (l) => l.alnum(40), 'issue sync: # revoked'),
  issued('Notion token', 'ntn_', (l) => `${l.digits(11)}${l.alnum(35)}`, 'page export: # unauthorised'),
  issued('Sentry token', 'sntryu_', (l) => l.hex(64), 'release upload: # forbidden'),
  issued('PlanetScale token', 'pscale_tkn_', (l) => l.url(43), 'branch connect with # refused'),
  issued('Supabase token', 'sbp_', (l) => l.hex(40), 'migration: # is not valid'),
  issued('Doppler token', 'dp.pt.', (l) => l.alnum(43), 'config fetch # 401'),
  issued('Tailscale key', 'tskey-auth-', (l) => `k${l.alnum(11)}CNTRL-${l.alnum(32)}`, 'tailscaled: # expired'),
  issued('Pulumi token', 'pul-', (l) => l.hex(40), 'stack update: # denied'),
  issued('Atlassian token', 'ATATT3xFfGF0', (l) => `${l.url(168)}=${l.large(8)}`, 'jira sync # 401'),
  issued('Figma token', 'figd_', (l) => l.url(40), 'asset export: # expired'),
  issued('SonarQube token', 'sqp_', (l) => l.hex(40), 'scanner: # insufficient privileges'),
  issued('Square token', 'sq0atp-', (l) => l.url(22), 'terminal checkout: # revoked'),
  issued('New Relic key', 'NRAK-', (l) => l.large(27), 'deploy marker: # unknown'),
  ['Telegram bot token', (l) => of(`A${l.url(33)}`, (s) => `POST /bot${l.digits(10)}:A${s}/sendMessage 404`)],
  [
    'Slack webhook',
    (l) => of(l.alnum(24), (s) => `hook https://hooks.slack.com/services/T${l.large(8)}/B${l.large(10)}/${s} 410`),
  ],
]

const headers: readonly Kind[] = [
  ['bearer header', (l) => of(l.url(40), (s) => `> Authorization: Bearer ${s}`)],
  ['basic header', (l) => of(encoded(`deploy:${l.password()}`).replace(/=+$/, ''), (s) => `authorization: Basic ${s}`)],
  ['cookie', (l) => of(l.url(32), (s) => `Cookie: theme=dark; sessionid=${s}`)],
  ['API key header', (l) => of(l.hex(40), (s) => `X-Api-Key: ${s}`)],
  ['JSON Web Token', (l) => of(l.url(43), (s) => `jwt expired: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ${l.alnum(20)}.${s}`)],
]

const named: readonly Kind[] = [
  ['variable', (l) => of(l.password(), (s) => `DB_PASSWORD=${s}`)],
  ['YAML', (l) => of(l.password(), (s) => `  smtp_password: ${s}`)],
  ['JSON', (l) => of(l.password(), (s) => `{"user":"app","secret":"${s}"}`)],
  ['named by a space', (l) => of(l.password(), (s) => `rejected password ${s} of app`)],
  ['hexadecimal key', (l) => of(l.hex(64), (s) => `encryption_key=${s}`)],
  ['AWS secret key', (l) => of(l.base64(40), (s) => `aws_secret_access_key = ${s}`)],
  [
    'storage account',
    (l) => of(l.base64(86), (s) => `AccountName=shop;AccountKey=${s}==;EndpointSuffix=core.windows.net`),
  ],
  ['Datadog key', (l) => of(l.hex(32), (s) => `DD_API_KEY=${s}`)],
  ['OTP seed', (l) => of(l.base32(32), (s) => `otpauth://totp/shop:me?secret=${s}&issuer=shop`)],
  ['WireGuard key', (l) => of(l.base64(43), (s) => `PrivateKey = ${s}=`)],
  ['LDAP bind', (l) => of(l.password(), (s) => `bindpw ${s}`)],
]

const elsewhere: readonly Kind[] = [
  ['database address', (l) => of(l.alnum(20), (s) => `connect postgres://app:${s}@db-01:5432/shop failed`)],
  ['Redis address', (l) => of(l.alnum(24), (s) => `redis://:${s}@cache-01:6379/0 timed out`)],
  ['flag', (l) => of(l.alnum(20), (s) => `exec: /usr/bin/report --token ${s} --daily`)],
  ['MySQL client', (l) => of(l.alnum(16), (s) => `CMD (mysqldump -u backup -p${s} shop)`)],
  ['curl', (l) => of(l.alnum(18), (s) => `COMMAND=/usr/bin/curl -u ci:${s} https://repo.example/x`)],
  ['crypt hash', (l) => of(l.alnum(86), (s) => `app:$6$${l.alnum(8)}$${s}:19700:0:99999:7:::`)],
  ['presigned link', (l) => of(l.hex(64), (s) => `GET /b/o?X-Amz-Expires=900&X-Amz-Signature=${s} 403`)],
  ['reset link', (l) => of(l.url(32), (s) => `mail sent: https://shop.example/reset?token=${s}`)],
  [
    'private key',
    (l) => of(l.base64(64), (s) => `-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n${s}\n-----END PRIVATE KEY-----`),
  ],
  ['SQL', (l) => of(l.alnum(16), (s) => `statement: ALTER ROLE app PASSWORD '${s}'`)],
]

export const kinds: readonly Kind[] = [...vendors, ...headers, ...named, ...elsewhere]
