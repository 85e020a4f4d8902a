// What CONTRIBUTING promises: a new probe, playbook, source, notifier, inventory or model is one new folder and no
// other edit.
// A copy of the repository gets one of each from here, and its own contract suites have to find and pass them.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { z } from 'zod'

const root = join(import.meta.dirname, '..', '..')
const Report = z.object({
  testResults: z.array(
    z.object({
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
      message: z.string(),
    }),
  ),
})
type Outcome = { readonly passed: readonly string[]; readonly failed: readonly string[] }

let copy = ''
beforeAll(async () => {
  copy = mkdtempSync(join(tmpdir(), 'millwright-copy-'))
  const git = ['ls-files', '--cached', '--others', '--exclude-standard', '-z']
  const { stdout } = await execa('git', git, { cwd: root })
  for (const file of stdout.split('\0').filter((name) => name !== '')) {
    mkdirSync(dirname(join(copy, file)), { recursive: true })
    // What was deleted and not yet committed so is not there.
    cpSync(join(root, file), join(copy, file), { force: true, errorOnExist: false })
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
})
afterAll(() => rmSync(copy, { recursive: true, force: true }))

/** What the copy's own tests say. */
async function tests(...args: readonly string[]): Promise<Outcome> {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const report = join(copy, 'report.json')
  const said = await execa(process.execPath, [vitest, 'run', '--reporter=json', `--outputFile=${report}`, ...args], {
    cwd: copy,
    reject: false,
    all: true,
  })
  expect(existsSync(report), said.all).toBe(true)
  const { testResults } = Report.parse(JSON.parse(readFileSync(report, 'utf8')))
  const all = testResults.flatMap(({ assertionResults }) => assertionResults)
  return {
    passed: all.filter(({ status }) => status === 'passed').map(({ fullName }) => fullName),
    failed: [
      ...all.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
      ...testResults.flatMap(({ message }) => (message === '' ? [] : [message])),
    ],
  }
}

const added = {
  probe: { from: 'probes/time-status', to: 'probes/clock-again' },
  source: { from: 'integrations/sources/generic', to: 'integrations/sources/gong' },
  notifier: { from: 'integrations/notifiers/webhook', to: 'integrations/notifiers/whistle' },
  inventory: { from: 'integrations/inventories/yaml', to: 'integrations/inventories/card-index' },
  model: { from: 'integrations/models/openai-compatible', to: 'integrations/models/oracle' },
} as const

test('a new probe, source, notifier, inventory and model: each is found by the contract suite of its kind, and keeps it', async () => {
  for (const { from, to } of Object.values(added)) cpSync(join(root, from), join(copy, to), { recursive: true })

  const { passed, failed } = await tests('--project', 'unit', 'test/probes', 'test/integrations', 'test/catalogue')

  expect(failed).toEqual([])
  const named = [
    'clock-again',
    'the source gong',
    'the notifier whistle',
    'the inventory card-index',
    'the model oracle',
  ]
  for (const name of named) expect(passed).toContainEqual(expect.stringContaining(name))
})

test('a new playbook: once pinned it is tried on a real host, by the fault that its folder names', async () => {
  // A host is onboarded anew for another set of probes, and that is not asked here.
  rmSync(join(copy, added.probe.to), { recursive: true, force: true })
  const folder = join(copy, 'playbooks', 'start-again')
  cpSync(join(root, 'playbooks', 'service-restart'), folder, { recursive: true })
  const manifest = join(folder, 'manifest.yml')
  const { signatures: _, ...rest } = z.looseObject({}).parse(parse(readFileSync(manifest, 'utf8')))
  // The same signature twice would be two playbooks for one fault.
  writeFileSync(manifest, stringify({ ...rest, id: 'start-again' }))
  await execa(process.execPath, [join(copy, 'catalogue', 'lock-command.ts')], { cwd: copy })

  const suite = ['--project', 'lab', 'test/playbooks/contract.test.ts', '-t', 'start-again']
  const { passed, failed } = await tests(...suite)

  expect(failed).toEqual([])
  expect(passed).toContainEqual(expect.stringContaining('the playbook start-again ends service-crashed'))
})
