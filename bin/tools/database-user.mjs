import { existsSync, readFileSync } from 'node:fs'
import { run } from '../run.mjs'
import { reasonOf, SetupError } from '../setup-error.mjs'

const user = 'millwright-db'
const options = ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', user]
const fix = `as root, type \`useradd ${options.join(' ')}\``

/** @type {import('../types.d.mts').Tool} */
export const databaseUser = {
  name: 'database-user',
  why: 'the PostgreSQL server refuses to run as root',
  where: () => `the system user ${user}, without home, shell or password`,
  fix,
  find,
  changes: async () => [`add the system user ${user}, without home, shell or password`],
  get,
}

function find() {
  if (process.getuid?.() !== 0) return 'this user, who is not root'
  const isThere = existsSync('/etc/passwd') && readFileSync('/etc/passwd', 'utf8').includes(`\n${user}:`)
  return isThere ? user : null
}

async function get() {
  try {
    await run('/usr/sbin/useradd', options)
  } catch (error) {
    throw new SetupError({ what: `The user ${user} could not be added`, why: reasonOf(error), fix })
  }
}
