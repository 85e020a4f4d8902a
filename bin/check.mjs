#!/usr/bin/env node
// `npm run check`: format, lint, types, unused code. Each is one check; all run, whatever the first one says.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { cloneFolder } from './cache.mjs'
import { closeWith } from './closing-line.mjs'
import { unitNeeds } from './needs.mjs'
import { SetupError } from './setup-error.mjs'
import { setUp } from './setup.mjs'
import { toolNamed } from './tools.mjs'

/** @type {readonly { name: string, program: string, args: readonly string[], fix: string }[]} */
const checks = [
  { name: 'format', program: 'oxfmt', args: ['--check'], fix: 'npx oxfmt' },
  { name: 'lint', program: 'oxlint', args: ['--type-aware', '--deny-warnings'], fix: 'npx oxlint --type-aware --fix' },
  { name: 'types', program: 'tsc', args: ['-p', 'tsconfig.json'], fix: 'npx tsc' },
  { name: 'unused code', program: 'knip', args: ['--no-progress'], fix: 'npx knip' },
]

/** @param {(typeof checks)[number]} check */
function passes({ name, program, args, fix }) {
  const started = Date.now()
  const node = toolNamed('node').find() ?? process.execPath
  const { status, stdout, stderr } = spawnSync(node, [join(cloneFolder, 'node_modules', '.bin', program), ...args], {
    cwd: cloneFolder,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  process.stdout.write(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)\n`)
  if (status !== 0) process.stdout.write(`${stdout}${stderr}\n  again: ${fix}\n`)
  return status === 0
}

try {
  await setUp({ needs: unitNeeds, yes: true })
  const passed = checks.filter(passes).length
  process.exitCode = closeWith('npm run check', { passed, failed: checks.length - passed })
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  process.stderr.write(`npm run check: ${error.message}\n`)
  process.exitCode = closeWith('npm run check', { passed: 0, failed: checks.length })
}
