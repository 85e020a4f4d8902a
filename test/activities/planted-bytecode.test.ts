// Python runs a compiled file before its source, and no digest covers one: what somebody planted must never be run.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { endGroup } from '../../runtime/ansible/control-group.ts'
import { callbackPlugins } from '../../runtime/ansible/frame.ts'
import { launchSpawned } from '../../runtime/ansible/launch-spawned.ts'
import { createWarmLauncher } from '../../runtime/ansible/launch-warm.ts'
import { interpreterOf, type Launch } from '../../runtime/ansible/launcher.ts'
import { makeRunFolder } from '../../runtime/ansible/run-folder.ts'
import { newId } from '../../runtime/ids.ts'
import { toolPath } from '../../runtime/tools.ts'
import { deafHost } from './run-world.ts'

/** Compiles a text as that file would be, in a form that Python takes without a look at the source. */
const planting = `
import importlib.util, py_compile, sys
source, text = sys.argv[1:]
py_compile.compile(text, importlib.util.cache_from_source(source), doraise=True,
                   invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
`

function plant(folder: string): string {
  const marker = join(folder, 'ran')
  const hostile = join(folder, 'hostile.py')
  writeFileSync(hostile, `open(${JSON.stringify(marker)}, "w").close()\n`)
  const [plugin = ''] = callbackPlugins
  onTestFinished(() => rmSync(join(plugin, '..', '__pycache__'), { recursive: true, force: true }))
  execFileSync(interpreterOf(toolPath('ansible-playbook')), ['-c', planting, plugin, hostile])
  return marker
}

function launchOf(driver: 'spawned' | 'warm', privateDir: string): Launch {
  if (driver === 'spawned') return launchSpawned
  const { launch, end } = createWarmLauncher(privateDir)
  onTestFinished(end)
  return launch
}

test.each(['spawned', 'warm'] as const)(
  'compiled Python beside our plugin is not run by the %s driver',
  async (driver) => {
    const folder = mkdtempSync(join(tmpdir(), 'millwright-planted-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const marker = plant(folder)
    const content = Buffer.from('- name: Nothing\n  hosts: all\n  gather_facts: false\n  tasks: []\n')
    const files = [{ path: 'playbook.yml', content }]
    const run = makeRunFolder(folder, { run: newId('run'), host: deafHost, params: {}, files })
    const ready = Promise.withResolvers<string>()
    const launched = launchOf(
      driver,
      folder,
    )({
      folder: run,
      play: 'playbook.yml',
      check: false,
      sshArguments: [],
      onEvent: (event) => ready.resolve(event.kind),
    })
    void launched.ended.then(() => ready.resolve('ended before its first event'))
    const first = await ready.promise
    await launched.stop()
    await endGroup(run.group)
    expect(existsSync(marker)).toBe(false)
    expect(first).toBe('ready')
  },
)
