import { expect, test } from 'vitest'
import { parseManifest } from '../../catalogue/manifest.ts'
import { goodManifest } from './playbook-folder.ts'

const parse = (text: string) => parseManifest('manifest.yml', text)

test('a manifest is parsed into the words of the domain', () => {
  const { id, preconditions, undo, expectChanged, verify } = parse(goodManifest)
  expect({ id, undo, expectChanged, soak: verify.soakSeconds }).toEqual({
    id: 'sample',
    undo: { kind: 'none', reason: 'Nothing to undo.' },
    expectChanged: true,
    soak: 10,
  })
  expect(preconditions).toEqual([
    {
      probe: 'unit-status',
      params: { unit: '$unit' },
      fact: 'activeState',
      test: { op: 'is', value: 'failed' },
      says: '$unit has failed',
    },
  ])
})

test('the people who wrote it are named, or nobody is', () => {
  expect(parse(goodManifest).authors).toEqual([])
  expect(parse(goodManifest.replace('tier: 1', 'tier: 1\nauthors: [ann, bob@example.org]')).authors).toEqual([
    'ann',
    'bob@example.org',
  ])
})

test('blast radius, conflicts and windows are what it says, or a hundred hosts, none and any time', () => {
  const { blastRadius, conflicts, windows } = parse(goodManifest)
  expect({ blastRadius, conflicts, windows }).toEqual({
    blastRadius: { hostsPerHour: 100 },
    conflicts: [],
    windows: [],
  })
  const more =
    'conflicts: [other]\nblastRadius: { hostsPerHour: 3 }\nwindows: [{ days: [sat, sun], from: 2, to: 5 }, { from: 22, to: 24 }]'
  const said = parse(goodManifest.replace('tier: 1', `tier: 1\n${more}`))
  expect(said).toMatchObject({ conflicts: ['other'], blastRadius: { hostsPerHour: 3 } })
  expect(said.windows.map(({ days, from, to }) => [days.length, from, to])).toEqual([
    [2, 2, 5],
    [7, 22, 24],
  ])
})

test('a playbook that names itself in its conflicts is refused: it could never run', () => {
  const itself = goodManifest.replace('tier: 1', 'tier: 1\nconflicts: [other, sample]')
  expect(() => parse(itself)).toThrow(/conflicts: expected other playbooks than sample itself/)
})

test('what is computed for a plan is a precondition: the same right before the run, said or not', () => {
  const computed = '{ name: count, provenance: computed, probe: failed-units, fact: count }'
  const text = goodManifest.replace('params:\n', `params:\n  - ${computed}\n`)
  const { preconditions } = parse(text)
  const still = { probe: 'failed-units', params: {}, fact: 'count', test: { op: 'is', value: '$count' } }
  expect(preconditions.at(-1)).toEqual({ ...still, says: 'count is still $count' })
  const said = '  - { probe: failed-units, fact: count, is: $count, says: as many as before }\n'
  const twice = parse(text.replace('preconditions:\n', `preconditions:\n${said.replace('$', '$$$$')}`)).preconditions
  expect(twice).toHaveLength(preconditions.length)
})

const bad: readonly (readonly [what: string, from: string | RegExp, to: string, says: RegExp])[] = [
  ['an unknown key', 'tier: 1', 'tier: 1\nauto: true', /line 11: auto: this key is unknown/],
  ['an author who is no name', 'tier: 1', 'tier: 1\nauthors: [The Team]', /authors\.0: expected the name/],
  ['a window over midnight', 'tier: 1', 'tier: 1\nwindows: [{ from: 22, to: 5 }]', /`from` to be before `to`/],
  ['a day that is none', 'tier: 1', 'tier: 1\nwindows: [{ days: [so], from: 2, to: 5 }]', /expected days out of mon/],
  ['a missing key', 'owner: platform\n', '', /owner: this key is missing$/],
  ['a mistyped key', 'owner: platform', 'ownr: platform', /line 7: ownr: this key is unknown; did you mean owner\?/],
  ['a mistyped comparison', 'is: failed,', 'equals: failed,', /unknown. There is: probe, params, fact, is, /],
  ['a wrong version of the schema', 'millwright/v1', 'millwright/v9', /line 1: apiVersion: expected millwright\/v1/],
  ['a version that is none', 'version: 1.0.0', 'version: latest', /line 4: version: expected a semantic version/],
  ['a tier that is none', 'tier: 1', 'tier: 7', /line 10: tier: expected a tier from 0 to 3/],
  ['free text as provenance', 'provenance: inventory, from: unit', 'provenance: text', /params\.0\.provenance/],
  [
    'an undeclared parameter',
    'wants: Restart $unit',
    'wants: Restart $service',
    /\$service in .*expected the name of a declared/,
  ],
  ['two comparisons', 'is: active,', 'is: active, isNot: failed,', /expected exactly one of is, isNot/],
  ['no comparison', 'is: active, ', '', /expected exactly one of is/],
  ['no precondition', /preconditions:\n.*\n/, 'preconditions: []\n', /expected at least one precondition/],
  ['a run longer than a certificate', 'hardTimeoutSeconds: 30', 'hardTimeoutSeconds: 900', /hardTimeoutSeconds: /],
  ['the same key twice', 'tier: 1', 'tier: 1\ntier: 2', /line 11: Map keys must be unique/],
  ['an alias', 'title: A sample\nwants: Restart $unit', 'title: &a A sample\nwants: *a', /aliases are not allowed/],
  ['a text that is not YAML', 'tier: 1', 'tier: [1', /line \d+/],
  ['the same parameter twice', /params:\n(.*\n)/, 'params:\n$1$1', /expected unit once/],
]

test.each(bad)('a manifest with %s is refused, naming the place', (_, from, to, says) => {
  const text = goodManifest.replace(from, to)
  expect(text).not.toBe(goodManifest)
  expect(() => parse(text)).toThrow(
    expect.objectContaining({ code: 'catalogue.invalid', message: expect.stringMatching(says) }),
  )
})
