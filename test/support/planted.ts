// A secret as it stands in what strangers send, in each of its shapes: wherever one went in, none may come out.

/** No part of it is a word that stands anywhere else. */
export const secret = 'Zq7wHunter2Kx9vTr4mLp8'
const tail = 'Kx9vTr4mLp8'
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const percent = (text: string): string =>
  text.replaceAll(/[^A-Za-z0-9]/g, (letter) => `%${letter.charCodeAt(0).toString(16).padStart(2, '0')}`)
const escapes = (text: string): string =>
  text.replaceAll(/(?<!\\)[A-Za-z:=@]/g, (letter) => String.raw`\u00${letter.charCodeAt(0).toString(16)}`)

/** What holds it, and how it stands there. */
export const kinds: readonly (readonly [string, string])[] = [
  ['environment', `DB_PASSWORD=${secret}`],
  ['client environment', `PGPASSWORD=${secret} psql -h db`],
  ['upper-case key', `API_KEY=${secret}`],
  ['camel-case key', `clientSecret: ${secret}`],
  ['token', `auth_token=${secret}`],
  ['access key', `aws_secret_access_key=${secret}`],
  ['quoted value', `password = "${secret}"`],
  ['single-quoted value', `passwd: '${secret}'`],
  ['cut-off value', `password: "${secret}`],
  ['separator inside', `password=Zq7w,x;y&Hunter2${tail}`],
  ['short name', `DB_PASS=${secret}`],
  ['Ansible variable', `ansible_ssh_pass: ${secret}`],
  ['quoted flag of a client', `mysql -uroot -p'${secret}' app`],
  ['wrapped JSON Web Token', `eyJhbGciOiJI.\n  eyJzdWIiOiIx.\n  ${secret}`],
  ['hash of a web server', `ops:$apr1$Zq7wHunt$${secret}`],
  ['flag', `app --password ${secret} --verbose`],
  ['quoted flag', `app --token "${secret}"`],
  ['bearer', `Authorization: Bearer ${secret}`],
  ['basic', `Authorization: Basic ${base64(`me:${secret}`)}`],
  ['cookie', `Cookie: sid=${secret}`],
  ['URL', `postgres://app:${secret}@db:5432/app`],
  ['URL with a slash', `postgres://app:Zq7w/${tail}@db:5432/app`],
  ['URL with a sign', `postgres://app:Zq7w@${tail}@db:5432/app`],
  ['URL with both', `amqp://app:Zq@7w/x@${tail}@mq/vhost`],
  ['link', `https://example.com/in?token=${secret}&x=1`],
  ['pgpass', `db-01.example.com:6000:app:deploy:${secret}`],
  ['pgpass for all', `*:*:*:deploy:${secret}`],
  ['container environment', `- name: DB_PASSWORD\n  value: ${secret}`],
  ['container environment, quoted', `- name: "API_KEY"\n  value: "${secret}"`],
  ['container environment, JSON', `{"name":"API_KEY","value":"${secret}"}`],
  ['sentence', `the password is ${secret}`],
  ['sentence with a person', `password for deploy: ${secret}`],
  ['sentence with a change', `password for app was ${secret}`],
  ['YAML block', `password: |\n      ${secret}`],
  ['YAML next line', `password:\n        ${secret}`],
  ['XML', `<password>${secret}</password>`],
  ['SQL', `ALTER ROLE app PASSWORD '${secret}'`],
  ['netrc', `login deploy\n  password ${secret}`],
  ['GitLab token', `fetch glpat-${secret}`],
  ['long value', `password=${'a'.repeat(9_000)}${secret}`],
  ['long quoted value', `password="${'a b'.repeat(3_000)}${secret}"`],
  ['long token', `seen sk-ant-${'a'.repeat(9_000)}${secret}`],
  ['escaped quote', String.raw`{"password":"Zq7w\"Hunter2${tail}"}`],
]

/** What such a line is wrapped in. */
export const disguises: readonly (readonly [string, (line: string) => string])[] = [
  ['plain', (line) => line],
  ['trailing punctuation', (line) => `${line}.`],
  ['in brackets', (line) => `failed (${line})`],
  ['JSON', (line) => JSON.stringify({ message: line, n: 1 })],
  ['JSON in JSON', (line) => JSON.stringify({ body: JSON.stringify({ message: line }) })],
  ['percent', (line) => `q=${percent(line)}`],
  ['base64', (line) => `payload ${base64(line)}`],
  ['base64 in JSON', (line) => JSON.stringify({ message: `first\n${base64(line)}\nlast` })],
  ['base64 of JSON', (line) => base64(JSON.stringify({ line }))],
  ['escaped letters', (line) => escapes(line)],
  ['escaped letters in JSON', (line) => `{"message":"${escapes(JSON.stringify(line).slice(1, -1))}"}`],
  ['many lines', (line) => `first\n  ${line}\nlast`],
  ['many lines in JSON', (line) => JSON.stringify({ message: `first\n${line}\nlast` })],
  ['many lines in JSON in JSON', (line) => JSON.stringify({ body: JSON.stringify({ message: `first\t${line}\n` }) })],
  ['colours', (line) => `\u001B[1;31m${line.slice(0, 4)}\u001B[0m${line.slice(4)}\u001B[K`],
  ['after a time stamp', (line) => `2026-01-02T03:04:05Z app[12]: ${line}`],
]

/** Whether the secret stands in a text, as it is or in one of the disguises. */
export function leaks(text: string, depth = 3): boolean {
  if (text.includes(tail)) return true
  if (depth === 0) return false
  const plain = decoded(decoded(text))
  const blobs = plain.match(/[A-Za-z0-9+/]{16,}={0,2}/g) ?? []
  return leaks(plain, 0) || blobs.some((blob) => leaks(Buffer.from(blob, 'base64').toString('utf8'), depth - 1))
}

/** Letters that JSON and addresses write as numbers, and ends of lines. */
function decoded(text: string): string {
  return text
    .replaceAll(/\\{1,8}[nrt]/g, '\n')
    .replaceAll(/(?:\\{1,8}(?:u00|x)|%)([0-9A-Fa-f]{2})/g, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    )
}
