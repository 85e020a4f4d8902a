// A sample of each proof, as its command prints it. A release runs the full counts.
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { ProofOutput } from '../contract/output.ts'

const root = join(import.meta.dirname, '..', '..')
/** More than a proof itself waits for anything. */
const limitMilliseconds = 600_000

/** Tries that fit into five minutes on two cores, all proofs together. */
const samples = [
  { name: 'hijacked-plans', runs: 2_000 },
  { name: 'personas', runs: 3 },
  { name: 'injection-twins', runs: 3 },
  { name: 'webhook-garbage', runs: 300 },
  { name: 'webhook-hostile', runs: 140 },
  { name: 'starts-empty', runs: 6 },
  { name: 'rogue-host-key', runs: 3 },
  { name: 'planted-secrets', runs: 36 },
  { name: 'evidence-recall', runs: 4 },
  { name: 'late-approval', runs: 2 },
  { name: 'crash-sweep', runs: 3 },
  { name: 'never-twice', runs: 2 },
] as const
const seed = 7

describe.each(samples)('the proof $name', ({ name, runs }) => {
  test('prints one object and no failure', { timeout: limitMilliseconds + 60_000 }, async () => {
    const said = await execa(
      'npm',
      ['run', 'prove', '--', name, '--runs', String(runs), '--seed', String(seed), '-o', 'json'],
      { cwd: root, reject: false, timeout: limitMilliseconds, killSignal: 'SIGINT' },
    )

    expect(said.stdout.trim().split('\n'), said.stderr).toHaveLength(1)
    expect(ProofOutput.parse(JSON.parse(said.stdout)), said.stderr).toMatchObject({ name, runs, failures: 0, seed })
    expect(said.exitCode, said.stderr).toBe(0)
  })
})
