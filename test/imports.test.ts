// Who may import whom stands in `.oxlintrc.json`. A rule that matches nothing would go unnoticed, so each is tried out.
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'

const root = join(import.meta.dirname, '..')
const run = promisify(execFile)

/** A file, and what it must not import. */
const forbidden: readonly (readonly [file: string, from: string])[] = [
  ['domain/a.ts', 'node:fs'],
  ['domain/a.ts', '../runtime/config.ts'],
  ['domain/a.ts', './telling/words.ts'],
  ['domain/telling/a.ts', 'node:fs'],
  ['domain/telling/a.ts', '../../runtime/config.ts'],
  ['workflows/a.ts', '../store/connect.ts'],
  ['workflows/deep/a.ts', '../../activities/record.ts'],
  ['activities/a.ts', '../workflows/messages.ts'],
  ['activities/deep/a.ts', '../../integrations/sources/alertmanager/index.ts'],
  ['activities/deep/a.ts', '../../probes/listeners/probe.ts'],
  ['integrations/sources/one/a.ts', '../../../store/connect.ts'],
  ['integrations/sources/one/a.ts', '../other/index.ts'],
  ['catalogue/a.ts', '../store/connect.ts'],
  ['policies/deep/a.ts', '../../gateway/app.ts'],
  ['store/a.ts', '../gateway/app.ts'],
  ['store/view/a.ts', '../../gateway/app.ts'],
  ['runtime/a.ts', '../activities/record.ts'],
  ['runtime/ansible/a.ts', '../../store/connect.ts'],
  ['probes/one/a.ts', '../../store/connect.ts'],
  ['gateway/a.ts', '../activities/record.ts'],
  ['gateway/pages/views/a.ts', '../../../workflows/incident.ts'],
  ['workers/a.ts', '../gateway/app.ts'],
  ['workers/deep/a.ts', '../../workflows/incident.ts'],
  ['cli/a.ts', '../store/connect.ts'],
  ['cli/deep/a.ts', '../../store/connect.ts'],
]

const Found = z.object({ diagnostics: z.array(z.object({ code: z.string(), filename: z.string() })) })

test('every import across a border is refused, however deep the file lies', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-imports-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  cpSync(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'))
  const files = forbidden.map(([file, from], at) => {
    const name = join(dirname(file), `n${at}.ts`)
    mkdirSync(join(folder, dirname(file)), { recursive: true })
    writeFileSync(join(folder, name), `import { one } from '${from}'\nexport const two = one\n`)
    return name
  })
  const lint = join(root, 'node_modules', 'oxlint', 'bin', 'oxlint')
  // It ends with a fault where it finds something.
  const { stdout } = await run(process.execPath, [lint, '--format', 'json'], { cwd: folder }).catch(
    (error: { readonly stdout: string }) => error,
  )
  const { diagnostics } = Found.parse(JSON.parse(stdout))
  const refused = diagnostics
    .filter(({ code }) => code.includes('no-restricted-imports'))
    .map(({ filename }) => filename)
  const passed = files.filter((name) => !refused.some((found) => found.endsWith(name)))
  expect(passed.map((name) => forbidden[files.indexOf(name)])).toEqual([])
})
