import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { parse } from 'yaml'
import { expect, test } from 'vitest'
import { firstConfig, firstConfigFile, firstSource } from '../../../domain/first-config.ts'
import { loadSources } from '../../../integrations/load.ts'
import { Config } from '../../../runtime/config.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const folders = ['gateway/pages', 'store/view', 'domain']

/** Every `npx millwright VERB NOUN` that people are told to type. */
function named(): readonly string[] {
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(root, folder, file)),
  )
  const texts = files.filter((file) => file.endsWith('.ts')).map((file) => readFileSync(file, 'utf8'))
  const found = texts.flatMap((text) => [...text.matchAll(/npx millwright ([a-z]+(?: [a-z]+)?)/g)])
  return [...new Set(found.map(([, command = '']) => command))]
}

test.each(named())('people are told to type millwright %s, and it exists', async (command) => {
  const words = [...command.split(' '), '--help']
  const { stdout } = await execa(process.execPath, [join(root, 'cli/main.ts'), ...words], { cwd: root })
  expect(stdout).toContain(`millwright ${command} `)
})

test('the command that the empty list of hosts shows is whole: no option is missing', async () => {
  const page = readFileSync(join(root, 'gateway/pages/hosts.ts'), 'utf8')
  const [, shown = ''] = /'npx millwright (host check [^']*)'/.exec(page) ?? []
  const run = execa(process.execPath, [join(root, 'cli/main.ts'), ...shown.split(' ')], { cwd: root, reject: false })
  const { stdout, stderr } = await run
  expect(shown).toMatch(/^host check web-01/)
  expect(`${stdout}${stderr}`).not.toMatch(/required option|unknown option|too many arguments/)
})

test('the config that people are told to add is one that Millwright takes', async () => {
  const sources = await loadSources(Config.parse(parse(firstSource)))
  expect([...sources.keys()]).toEqual(['production'])
})

test('every document shows the same first config', () => {
  for (const file of ['README.md', 'docs/connect.md']) {
    const text = readFileSync(join(root, file), 'utf8')
    for (const line of firstConfig.split('\n').slice(7)) expect(text).toContain(line.replace(/^ssh: \{ | \}$/g, ''))
    expect(text).toContain(firstSource)
  }
  expect(readFileSync(join(root, 'docs/connect.md'), 'utf8')).toContain(firstConfigFile)
  expect(readFileSync(join(root, 'gateway/pages/hosts.ts'), 'utf8')).toContain(firstConfigFile)
})
