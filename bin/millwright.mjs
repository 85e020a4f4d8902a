#!/usr/bin/env node
// The `millwright` command: gets what the command needs, then runs it under Node 24. Runs on any Node from 18.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cloneFolder } from './cache.mjs'
import { needsOf } from './needs.mjs'
import { runInForeground } from './foreground.mjs'
import { SetupError } from './setup-error.mjs'
import { setUp } from './setup.mjs'
import { toolNamed } from './tools.mjs'

const program = join(cloneFolder, 'cli', 'main.ts')

/**
 * @param {readonly string[]} args
 * @returns {Promise<number>}
 */
async function main(args) {
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args
  const answer = quickAnswer(own)
  if (answer !== null) {
    process.stdout.write(answer)
    return 0
  }
  await setUp({ needs: needsOf(own), yes: own.includes('--yes') })
  const node = toolNamed('node').find() ?? process.execPath
  return runInForeground(node, [program, ...args], { twiceIsOnce: true })
}

/**
 * What needs no set-up, or must not wait for one: the version, and help in a clone where nothing is installed yet.
 * @param {readonly string[]} own
 * @returns {string | null}
 */
function quickAnswer(own) {
  const isHelp = own.length === 0 || own[0] === 'help' || own.includes('--help') || own.includes('-h')
  const isBare = (own[0] === 'version' && own.length === 1) || isHelp
  if (own[0] !== '--version' && own[0] !== '-V' && (!isBare || toolNamed('packages').find() !== null)) return null
  const { version, description } = JSON.parse(readFileSync(join(cloneFolder, 'package.json'), 'utf8'))
  if (!isHelp) return `${version}\n`
  return `Millwright ${version}: ${description}

  npx millwright doctor --fix   gets what it needs; after that --help knows every command
  npm run demo                  gets what it needs and shows the main job on real machines
  npm test                      gets what it needs and runs all tests
`
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  if (wantsJson(process.argv)) {
    const said = { error: { code: 'setup.missing', message: error.message, hint: error.fix } }
    process.stdout.write(`${JSON.stringify(said)}\n`)
  }
  process.stderr.write(`millwright: ${error.message}\n`)
  process.exitCode = 1
}

/** @param {readonly string[]} args */
function wantsJson(args) {
  return args.some(
    (arg, at) =>
      /^(-o|--output=)jsonl?$/.test(arg) || (/^(-o|--output)$/.test(arg) && /^jsonl?$/.test(args[at + 1] ?? '')),
  )
}
