#!/usr/bin/env node
// `npm test`: sets up what the tests need, runs all of them, and ends with one line of counts.
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cloneFolder } from './cache.mjs'
import { closeWith } from './closing-line.mjs'
import { runInForeground } from './foreground.mjs'
import { testNeeds, unitNeeds } from './needs.mjs'
import { SetupError } from './setup-error.mjs'
import { setUp } from './setup.mjs'
import { countTests } from './test-counts.mjs'
import { toolNamed } from './tools.mjs'

/** Measured on an otherwise idle machine. */
const minutes = 30

/** What of vitest's options is passed on, beside the names of files. */
const passedOn = ['--project', '--testNamePattern', '-t', '--bail', '--shard']

/**
 * @param {readonly string[]} args `--unit` runs what needs neither root nor lab; the rest goes to vitest
 * @returns {Promise<number>}
 */
async function main(args) {
  const isUnit = args.includes('--unit')
  const rest = args.filter((arg) => arg !== '--unit' && arg !== '--yes')
  const unknown = rest.find((arg) => arg.startsWith('-') && !passedOn.includes(arg.split('=')[0] ?? ''))
  if (unknown !== undefined)
    throw new SetupError({
      what: `there is no option ${unknown}`,
      why: `it takes parts of file names, --unit, --yes, ${passedOn.join(', ')}`,
      fix: 'leave it out',
    })
  await setUp({ needs: isUnit ? unitNeeds : testNeeds, yes: args.includes('--yes') })
  if (!isUnit && rest.length === 0) process.stdout.write(`All tests: about ${minutes} minutes on two cores.\n`)
  const folder = mkdtempSync(join(tmpdir(), 'millwright-tests-'))
  // Everything temporary of the run lies in here, so that also a run that was interrupted leaves nothing; like /tmp
  // itself, for servers that run under users of their own.
  chmodSync(folder, 0o1777)
  // The counts of .ci/run are for this command to write, and not for one like it that a test starts.
  const { MILLWRIGHT_COUNTS: _, ...environment } = process.env
  try {
    const report = join(folder, 'report.json')
    const vitest = [
      join(cloneFolder, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      ...(isUnit ? ['--project', 'unit'] : []),
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...rest,
    ]
    // Hundreds of processes of ours are started, and each compiles the same modules.
    const env = { NODE_COMPILE_CACHE: join(folder, 'compiled'), ...environment, TMPDIR: folder }
    const code = await runInForeground(toolNamed('node').find() ?? process.execPath, vitest, { env })
    const { passed, failed, complaints } = countTests(read(report), code)
    for (const complaint of complaints) process.stdout.write(`${complaint}\n`)
    return closeWith('npm test', { passed, failed })
  } finally {
    // Servers that were just told to end may still write.
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 300 })
  }
}

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  process.stderr.write(`npm test: ${error.message}\n`)
  process.exitCode = closeWith('npm test', { passed: 0, failed: 1 })
}
