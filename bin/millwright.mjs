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
  if (own[0] === '--version' || own[0] === '-V') {
    const { version } = JSON.parse(readFileSync(join(cloneFolder, 'package.json'), 'utf8'))
    process.stdout.write(`${version}\n`)
    return 0
  }
  await setUp({ needs: needsOf(own), yes: own.includes('--yes') })
  const node = toolNamed('node').find() ?? process.execPath
  return runInForeground(node, [program, ...args])
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
    (arg, at) => /^(-ojson|--output=json)$/.test(arg) || (/^(-o|--output)$/.test(arg) && args[at + 1] === 'json'),
  )
}
