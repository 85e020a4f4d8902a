import { expect, test } from 'vitest'
import { checkPlay } from '../../catalogue/play.ts'
import { goodPlay } from './playbook-folder.ts'

const task = (lines: string) =>
  goodPlay.replace(/ {4}- name: Restart it[^]*$/, `    - name: Do it\n${lines.replaceAll(/^/gm, '      ')}\n`)
const check = (text: string) => () => checkPlay('playbook.yml', text, ['unit'])

test('a play of listed modules and declared variables passes', () => {
  expect(check(goodPlay)).not.toThrow()
  const loop = `ansible.builtin.command:\n  argv: [/usr/bin/touch, "/tmp/{{ unit | lower }}-{{ item }}"]\nloop: [a, b]\nregister: done\nchanged_when: done.rc == 0 and 'x' not in done.stdout`
  expect(check(task(loop))).not.toThrow()
})

test('a play may copy what its folder holds and what the host has', () => {
  const play = (src: string): string => task(`ansible.builtin.copy: { ${src}, dest: /srv/a, mode: '0644' }`)
  expect(check(play('src: site.conf'))).not.toThrow()
  expect(check(play('src: files/site.conf'))).not.toThrow()
  expect(check(play('content: "{{ unit }}"'))).not.toThrow()
  expect(check(play('src: "/srv/{{ unit }}", remote_src: true'))).not.toThrow()
})

test('a command that only reads may run in check mode, too', () => {
  const reading =
    'ansible.builtin.command:\n  argv: [/usr/bin/find, /tmp, -print]\nchanged_when: false\ncheck_mode: false'
  expect(check(task(reading))).not.toThrow()
  expect(check(task('ansible.builtin.stat: { path: /tmp }\nwhen: not ansible_check_mode'))).not.toThrow()
})

const bad: readonly (readonly [what: string, play: string, says: RegExp])[] = [
  [
    'the shell',
    task('ansible.builtin.shell: id'),
    /ansible\.builtin\.shell: this key is unknown\. There is: ansible\.builtin\.assert, .*stat, [^,]*, [^,]*wait_for\.$/,
  ],
  ['raw commands', task('ansible.builtin.raw: id'), /unknown/],
  ['a short module name', task('command:\n  argv: [/bin/true]'), /unknown/],
  ['a command line', task('ansible.builtin.command: /bin/true --all'), /playbook\.yml, line 8: .*expected record/],
  [
    'a command through an interpreter',
    task('ansible.builtin.command:\n  argv: [/bin/bash, -c, id]'),
    /runs other programs/,
  ],
  ['a command without a path', task('ansible.builtin.command:\n  argv: [systemctl, restart]'), /absolute path/],
  ['a program from a variable', task('ansible.builtin.command:\n  argv: ["{{ unit }}"]'), /absolute path/],
  [
    'an action of find',
    task('ansible.builtin.command:\n  argv: [/usr/bin/find, /tmp, -exec, id, ;]'),
    /-exec is not allowed/,
  ],
  [
    'a lookup in an assertion',
    task(`ansible.builtin.assert: { that: ["lookup('pipe', 'id')"] }`),
    /calls are not allowed/,
  ],
  [
    'a writing command in check mode',
    task('ansible.builtin.command:\n  argv: [/usr/bin/touch, /tmp/a]\nchanged_when: false\ncheck_mode: false'),
    /check_mode: false is for commands that only read/,
  ],
  [
    'a deleting command in check mode',
    task('ansible.builtin.command:\n  argv: [/usr/bin/find, /tmp, -delete]\nchanged_when: false\ncheck_mode: false'),
    /check_mode: false is for commands that only read/,
  ],
  [
    'a value that may become an option in check mode',
    task(
      'ansible.builtin.command:\n  argv: [/usr/bin/find, /tmp, "{{ unit }}"]\nchanged_when: false\ncheck_mode: false',
    ),
    /check_mode: false is for commands that only read/,
  ],
  [
    'a module that runs in check mode',
    task('ansible.builtin.file: { path: /tmp/a, state: touch }\ncheck_mode: false'),
    /check_mode: false is for commands that only read/,
  ],
  [
    'a module whose change is hidden',
    task('ansible.builtin.file: { path: /tmp/a, state: touch }\nchanged_when: false'),
    /changed_when: only for commands/,
  ],
  ['another host', goodPlay.replace('hosts: all', 'hosts: db'), /line 3: 0\.hosts: expected `all`/],
  [
    'delegation',
    task('ansible.builtin.stat: { path: /tmp }\ndelegate_to: localhost'),
    /delegate_to: this key is unknown/,
  ],
  ['a local action', task('local_action: ansible.builtin.command id'), /local_action: this key is unknown/],
  [
    'ignored errors',
    task('ansible.builtin.stat: { path: /tmp }\nignore_errors: true'),
    /ignore_errors: this key is unknown/,
  ],
  [
    'an environment',
    task('ansible.builtin.stat: { path: /tmp }\nenvironment: { A: b }'),
    /environment: this key is unknown/,
  ],
  ['questions', goodPlay.replace('  become: true', '  vars_prompt: [{ name: a }]'), /vars_prompt: this key is unknown/],
  [
    'a task that never fails',
    task('ansible.builtin.stat: { path: /tmp }\nfailed_when: "false"'),
    /always false hides failures/,
  ],
  [
    'a lookup',
    task(`ansible.builtin.stat: { path: "{{ lookup('pipe', 'id') }}" }`),
    /lookup\(…\): calls are not allowed/,
  ],
  ['a query', task(`ansible.builtin.stat: { path: "{{ query('env', 'HOME') }}" }`), /calls are not allowed/],
  [
    'a method',
    task(`ansible.builtin.stat: { path: "{{ unit.format(unit) }}" }`),
    /\.format\(…\): calls are not allowed/,
  ],
  [
    'a method in brackets',
    task(`ansible.builtin.stat: { path: "{{ unit['format'](unit) }}" }`),
    /calls are not allowed/,
  ],
  ['what an expression gives', task(`ansible.builtin.stat: { path: "{{ (unit)(unit) }}" }`), /calls are not allowed/],
  ['a hidden attribute', task(`ansible.builtin.stat: { path: "{{ unit.__class__ }}" }`), /two underscores/],
  ['a statement', task(`ansible.builtin.stat: { path: "{% set a = 1 %}" }`), /statements/],
  [
    'an unlisted filter',
    task(`ansible.builtin.stat: { path: "{{ unit | from_yaml }}" }`),
    /the filter from_yaml is not allowed/,
  ],
  [
    'an undeclared variable',
    task(`ansible.builtin.stat: { path: "{{ hostvars }}" }`),
    /variable hostvars is not declared/,
  ],
  [
    'an undeclared variable in a condition',
    task('ansible.builtin.stat: { path: /tmp }\nwhen: inventory_hostname == unit'),
    /inventory_hostname is not declared/,
  ],
  [
    'a replaced parameter',
    goodPlay.replace('  become: true', '  vars: { unit: ssh.service }'),
    /it would replace the parameter unit/,
  ],
  ['a connection variable', goodPlay.replace('  become: true', '  vars: { ansible_host: 10.0.0.1 }'), /ansible_host/],
  ['a module name from a variable', task('"{{ unit }}": {}'), /this key is unknown/],
  [
    'a file of the controller',
    task('ansible.builtin.copy: { src: /root/.ssh/id_ed25519, dest: /srv/key }'),
    /copy: expected `src` to name a file of this playbook/,
  ],
  [
    'a file beside the playbook’s own',
    task('ansible.builtin.copy: { src: ../../inventory.json, dest: /srv/key }'),
    /copy: expected `src` to name a file of this playbook/,
  ],
  [
    'a file of the controller that a variable names',
    task('ansible.builtin.copy: { src: "{{ unit }}", dest: /srv/key, remote_src: "{{ unit }}" }'),
    /copy: expected `src` to name a file of this playbook/,
  ],
  [
    'a program that looks at a copy',
    task('ansible.builtin.copy: { content: id, dest: /srv/a, validate: "/bin/sh %s" }'),
    /copy: validate is not allowed/,
  ],
  ...['/usr/bin/timeout', '/usr/bin/systemd-run', '/bin/busybox', '/usr/bin/flock'].map(
    (program) =>
      [
        `another program through ${program}`,
        task(`ansible.builtin.command:\n  argv: [${program}, a, /bin/sh, -c, id]`),
        /runs other programs/,
      ] as const,
  ),
  ['two plays', `${goodPlay}${goodPlay.replace('---\n', '')}`, /expected exactly one play/],
]

test.each(bad)('a play with %s is refused', (_, play, says) => {
  expect(check(play)).toThrow(
    expect.objectContaining({ code: 'catalogue.invalid', message: expect.stringMatching(says) }),
  )
})
