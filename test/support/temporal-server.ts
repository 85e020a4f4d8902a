// vitest's globalSetup: one real Temporal server per test run, and the workflows bundled once.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startTemporal } from '../../runtime/embedded-temporal.ts'
import { workflowBundle } from '../../workers/bundle.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    readonly temporalAddress: string
    readonly workflowBundle: string
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-test-'))
  const [server, bundle] = await Promise.all([startTemporal({ dataDir: join(folder, 'temporal') }), workflowBundle()])
  project.provide('temporalAddress', server.address)
  project.provide('workflowBundle', bundle.codePath)
  return async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
