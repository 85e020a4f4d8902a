// What effects say that they touch, against what the play changes: told to the author, and not by a refused run.
import { expect, test } from 'vitest'
import { readEntry } from '../../catalogue/entry.ts'
import { catalogueWith, goodManifest, goodPlay } from './playbook-folder.ts'

const effect = '  - { says: Restart $unit, touches: { unit: $unit }, reversible: true }'
const withEffect = (text: string, params = '') =>
  goodManifest.replace(effect, text).replace('params:\n', `params:\n${params}`)
const playOf = (...tasks: readonly string[]) =>
  goodPlay.replace(/ {4}- name: Restart it[^]*$/, tasks.map((task) => `    - name: Do it\n      ${task}\n`).join(''))
const read = (manifest: string, play = goodPlay, more = {}) => {
  const dir = catalogueWith({ 'manifest.yml': manifest, 'playbook.yml': play, ...more })
  return () => readEntry(dir, 'sample')
}
const folderParam = '  - { name: folder, provenance: computed, probe: inode-hogs, fact: staleFolder }\n'

test('what an effect touches is data, beside its sentence', () => {
  const text =
    '  - { says: Put $unit and /etc/a and /srv/b right, touches: { unit: $unit, file: /etc/a, folder: /srv/b }, reversible: true }'
  expect(read(withEffect(text))().manifest.effects).toMatchObject([
    {
      listed: null,
      touches: [
        { kind: 'file', name: '/etc/a' },
        { kind: 'folder', name: '/srv/b' },
        { kind: 'unit', name: '$unit' },
      ],
    },
  ])
})

test.each([
  [
    'a unit',
    goodPlay,
    /the task “Restart it” changes the unit \{\{ unit \}\}, .*add an effect with `touches: \{ unit: \$unit \}`/,
  ],
  [
    'a file',
    playOf('ansible.builtin.copy: { content: a, dest: /etc/a }'),
    /changes the file \/etc\/a.*touches: \{ file: \/etc\/a/,
  ],
  [
    'a copy',
    playOf('ansible.builtin.copy: { src: files/a, dest: /etc/ }'),
    /changes the file \/etc\/a.*touches: \{ file: \/etc\/a/,
  ],
  ['a tree', playOf('ansible.builtin.file: { path: /srv/a, recurse: true }'), /the folder \/srv\/a/],
  [
    'what a loop names',
    playOf('ansible.builtin.file: { path: "{{ item }}", state: touch }\n      loop: [/a]'),
    /one of file, folder, listed/,
  ],
])(
  'a play that changes %s without an effect that says so is refused, with the line and what to write',
  (_, play, says) => {
    const silent = withEffect('  - { says: Restart $unit, reversible: true }')
    expect(read(silent, play)).toThrow(
      expect.objectContaining({
        code: 'catalogue.invalid',
        message: expect.stringMatching(says),
        hint: expect.stringContaining('playbook lint'),
      }),
    )
    expect(read(silent, play)).toThrow(/manifest\.yml, line 21: effects: /)
  },
)

test('what a play changes below a declared folder is said, and a way out of it is not', () => {
  const below = withEffect('  - { says: Tidy $folder, touches: { folder: $folder }, reversible: false }', folderParam)
  expect(read(below, playOf('ansible.builtin.file: { path: "{{ folder }}/a", state: absent }'))).not.toThrow()
  expect(read(below, playOf('ansible.builtin.file: { path: "{{folder}}", recurse: true }'))).not.toThrow()
  expect(read(below, playOf('ansible.builtin.file: { path: "{{ folder }}/../a", state: absent }'))).toThrow(/says so/)
  expect(read(below, playOf('ansible.builtin.file: { path: "{{ folder }}-old", state: absent }'))).toThrow(/says so/)
})

test('an undo may touch what the reversible effects say, and no more', () => {
  const undone = (reversible: boolean) =>
    read(
      withEffect(effect.replace('true', String(reversible))).replace('{ none: Nothing to undo. }', 'play'),
      goodPlay,
      {
        'undo.yml': goodPlay,
      },
    )
  expect(undone(true)).not.toThrow()
  expect(undone(false)).toThrow(/changes the unit/)
})

test.each([
  [
    'a path that its sentence does not name',
    '{ file: /etc/a }',
    /effects\.0\.touches\.file: expected the sentence “.*” to name \/etc\/a/,
  ],
  ['the root', '{ folder: / }', /effects\.0\.touches\.folder: expected an absolute path/],
  ['a way up', '{ folder: /srv/.. }', /expected an absolute path without `\.\.`/],
  ['a relative path', '{ file: srv }', /expected an absolute path/],
  ['a parameter that is no path', '{ file: $unit }', /expected a path; \$unit is none/],
  ['an unknown parameter', '{ unit: $service }', /\$service in .*expected the name of a declared parameter/],
  ['a mistyped kind', '{ units: $unit }', /effects\.0\.touches\.units: this key is unknown; did you mean unit\?/],
  ['a list that it does not have', '{ listed: file }', /touches\.listed: expected a `list` beside it/],
])('an effect that touches %s is refused', (_, touches, says) => {
  const text = `  - { says: Change / and /srv/.. and srv and $unit, touches: ${touches}, reversible: true }`
  expect(read(withEffect(text))).toThrow(says)
})
