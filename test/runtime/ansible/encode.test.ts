import { expect, test } from 'vitest'
import { encodeInventory, encodeKnownHosts, encodeVars } from '../../../runtime/ansible/encode.ts'

const host = { id: 'web-01', name: 'web-01', address: '10.0.0.1', port: 22, hostKeys: ['ssh-ed25519 AAAAC3Nza'] }
const refused = expect.objectContaining({ code: 'run.refused' })

test('every string is marked as data, numbers and booleans pass as they are', () => {
  expect(JSON.parse(encodeVars({ unit: 'nginx.service', days: 7, deep: true }))).toEqual({
    unit: { __ansible_unsafe: 'nginx.service' },
    days: 7,
    deep: true,
  })
})

test.each([
  ['the marker of our own encoder', { unit: '{"__ansible_unsafe": "x"}' }],
  ["the vault's marker", { unit: '__ansible_vault' }],
  ['a line break', { unit: 'a\nb' }],
  ['a value that is too long', { unit: 'x'.repeat(257) }],
  ['a connection variable', { ansible_port: 2222 }],
  ['a name that is none', { 'unit name': 'x' }],
  ['a name with a dash', { '-i': 'x' }],
])('variables with %s are refused', (_, vars) => {
  expect(() => encodeVars(vars)).toThrow(refused)
})

test('a value that is neither text, number nor boolean is refused', () => {
  const vars: Record<string, never> = JSON.parse('{"unit": {"__ansible_unsafe": "{{ 1 }}"}}')
  expect(() => encodeVars(vars)).toThrow(refused)
})

test('the inventory holds exactly the approved host', () => {
  expect(JSON.parse(encodeInventory(host))).toEqual({
    all: {
      hosts: {
        'web-01': {
          ansible_python_interpreter: { __ansible_unsafe: '/usr/bin/python3' },
          ansible_host: { __ansible_unsafe: '10.0.0.1' },
          ansible_port: 22,
        },
      },
    },
  })
})

test.each([
  ['a line break in its name', { name: 'web-01\nlocalhost ansible_connection=local' }],
  ['a comma in its name', { name: 'web-01,db-01' }],
  ['a pattern as its name', { name: '!web-01' }],
  ['an option as its address', { address: '-oProxyCommand=id' }],
  ['a template as its address', { address: '{{ 7*7 }}' }],
  ['a port that is none', { port: 0 }],
  ['an id with a space', { id: 'web 01' }],
])('a host with %s is refused', (_, change) => {
  expect(() => encodeInventory({ ...host, ...change })).toThrow(refused)
})

test('known hosts are pinned by the id of the host, and a host without keys is refused', () => {
  expect(encodeKnownHosts(host)).toBe('web-01 ssh-ed25519 AAAAC3Nza\n')
  expect(() => encodeKnownHosts({ ...host, hostKeys: [] })).toThrow(refused)
  expect(() => encodeKnownHosts({ ...host, hostKeys: ['ssh-ed25519 AAAA\n* ssh-ed25519 BBBB'] })).toThrow(refused)
})
