// What strangers and broken senders post: each piece with what a correct receiver does with it.
import { type Alert, payloadOf } from './field.ts'
import type { Random } from './random.ts'

/** `taken`: a sound alert. `refused`: nothing of it may be recorded as an incident. */
export type Expected = 'taken' | 'refused'

export type Piece = {
  readonly name: string
  readonly body: string | Uint8Array<ArrayBuffer>
  readonly headers: Readonly<Record<string, string>>
  readonly expected: Expected
}

type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value }

const strange: readonly [Value, ...Value[]] = [
  null,
  true,
  -1,
  1e308,
  '',
  '\0\u202e',
  'x'.repeat(100_000),
  [],
  {},
  [[]],
  { toString: 1 },
  { constructor: { prototype: 1 } },
]
const needed = ['version', 'groupKey', 'status', 'receiver', 'alerts'] as const
const neededOfAlert = ['status', 'labels', 'annotations', 'startsAt', 'endsAt', 'fingerprint'] as const
const depth = 50_000
const tooLarge = 1_100_000

type Making = { readonly token: string; readonly alert: Alert; readonly random: Random }

/** The makers of pieces, by name. */
const makers: Readonly<Record<string, (making: Making) => Omit<Piece, 'name'>>> = {
  'a sound alert': (making) => json(making, sound(making), 'taken'),
  'a sound alert with keys that nobody knows': (making) =>
    json(making, { ...sound(making), future: { deep: [1, 2, 3] } }, 'taken'),
  'an alert cut off': (making) => {
    const text = JSON.stringify(sound(making))
    return {
      ...json(making, {}, 'refused'),
      body: text.slice(0, Math.floor(making.random.between(0, text.length - 1))),
    }
  },
  'a field left out': (making) => {
    const left = making.random.pick(['version', 'groupKey', 'status', 'receiver', 'alerts'])
    return json(making, Object.fromEntries(Object.entries(sound(making)).filter(([key]) => key !== left)), 'refused')
  },
  'a field of another type': (making) => {
    const field = making.random.pick(needed)
    const value = making.random.pick([null, true, -1, [], {}, [[]]])
    return json(making, { ...sound(making), [field]: value }, 'refused')
  },
  'a field of an alert that is no such thing': (making) => {
    const { random } = making
    const field = random.pick(neededOfAlert)
    const value = random.pick([null, true, -1, [[]], 7])
    return json(
      making,
      withAlert(making, (alert) => ({ ...alert, [field]: value })),
      'refused',
    )
  },
  'a label that is no text': (making) => {
    const value = making.random.pick([null, 7, [], {}, true])
    return json(
      making,
      withAlert(making, (alert) => ({ ...alert, labels: { alertname: value } })),
      'refused',
    )
  },
  'a time that never was': (making) => {
    const time = making.random.pick(['yesterday', '2026-13-45T99:99:99Z', '', '1e9', '2026-02-30T00:00:00Z', '\0'])
    return json(
      making,
      withAlert(making, (alert) => ({ ...alert, startsAt: time })),
      'refused',
    )
  },
  'a fingerprint of no source': (making) => {
    const print = making.random.pick(['', 'zz', '../../etc/passwd', "' or 1=1 --", 'A'.repeat(16)])
    return json(
      making,
      withAlert(making, (alert) => ({ ...alert, fingerprint: print })),
      'refused',
    )
  },
  'another version': (making) =>
    json(making, { ...sound(making), version: making.random.pick(['3', '5', '', 4, null]) }, 'refused'),
  'no alerts': (making) => json(making, { ...sound(making), alerts: [] }, 'refused'),
  'something else altogether': (making) => json(making, making.random.pick(strange), 'refused'),
  'brackets without end': (making) => ({ ...json(making, {}, 'refused'), body: '['.repeat(depth) }),
  'objects without end': (making) => ({ ...json(making, {}, 'refused'), body: '{"a":'.repeat(depth) }),
  'random bytes': (making) => ({
    ...json(making, {}, 'refused'),
    body: Uint8Array.from({ length: 300 }, () => Math.floor(making.random.between(0, 256))),
  }),
  'text that is not UTF-8': (making) => ({
    ...json(making, {}, 'refused'),
    body: Uint8Array.from(Buffer.concat([Buffer.from('{"version":"4'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')])),
  }),
  'more than anybody sends': (making) => ({ ...json(making, {}, 'refused'), body: ' '.repeat(tooLarge) }),
  'another content type': (making) => {
    const type = making.random.pick(['text/plain', 'application/xml', 'multipart/form-data', 'application/jsonp', 'x'])
    const piece = json(making, sound(making), 'refused')
    return { ...piece, headers: { ...piece.headers, 'content-type': type } }
  },
  'a compressed body': (making) => {
    const piece = json(making, sound(making), 'refused')
    return { ...piece, headers: { ...piece.headers, 'content-encoding': making.random.pick(['gzip', 'br', 'zstd']) } }
  },
  'no credential': (making) => {
    const { body } = json(making, sound(making), 'refused')
    return { body, headers: { 'content-type': 'application/json' }, expected: 'refused' }
  },
  'another credential': (making) => {
    const { token, random } = making
    const other = random.pick([token.slice(1), `${token}0`, token.toUpperCase(), 'x', 'undefined', 'null'])
    const authorization = random.pick([`Bearer ${other}`, `Basic ${token}`, token])
    const piece = json(making, sound(making), 'refused')
    return { ...piece, headers: { ...piece.headers, authorization } }
  },
}

/** One piece, the same for the same random numbers. */
export function pieceOf(making: Making): Piece {
  const [first, ...others] = Object.keys(makers)
  const name = first === undefined ? '' : making.random.pick([first, ...others])
  const make = makers[name]
  if (make === undefined) throw new Error('there is no garbage')
  return { name, ...make(making) }
}

function json({ token }: Making, value: Value, expected: Expected): Omit<Piece, 'name'> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  return { body: JSON.stringify(value), headers, expected }
}

type Payload = { readonly [key: string]: Value; readonly alerts: readonly { readonly [key: string]: Value }[] }

function sound({ alert }: Making): Payload {
  return JSON.parse(JSON.stringify(payloadOf(alert)))
}

function withAlert(
  making: Making,
  change: (alert: { readonly [key: string]: Value }) => { readonly [key: string]: Value },
): Payload {
  const payload = sound(making)
  return { ...payload, alerts: payload.alerts.map(change) }
}
