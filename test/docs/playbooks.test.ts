// What docs/playbooks.md shows is what the catalogue takes.
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { parseManifest } from '../../catalogue/manifest.ts'
import { checkPlay } from '../../catalogue/play.ts'
import { Config } from '../../runtime/config.ts'
import { readPage } from './blocks.ts'

const { block } = readPage('docs/playbooks.md')

test('the play stays inside the closed set, with the parameters of the manifest beside it', () => {
  const { id, params } = parseManifest('manifest.yml', block('manifest.yml'))

  checkPlay(
    'playbook.yml',
    block('playbook.yml'),
    params.map(({ name }) => name),
  )

  expect(Object.keys(Config.parse(parse(block('millwright.yaml'))).playbooks)).toEqual([id])
})
