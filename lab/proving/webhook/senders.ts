// Shots about who sends, when, how often and to where.
import { credentials, foreignHost, ownHosts } from './site.ts'
import { type Aim, alertOf, headersWith, once, payloadOf, post, type Shot, signedHeaders } from './shot.ts'

type Family = (aim: Aim) => Shot

const refused = { right: [401], incidents: 0 } as const

/** Credentials that are none. */
export const wrongCredentials: Family = (aim) => {
  const { token } = credentials
  const [says, value] = aim.random.pick<readonly [string, string | null]>([
    ['no credentials', null],
    ['empty credentials', ''],
    ['a scheme alone', 'Bearer'],
    ['a token of somebody else', `Bearer ${token}x`],
    ['half a token', `Bearer ${token.slice(0, 8)}`],
    ['a token in capitals', `Bearer ${token.toUpperCase()}`],
    ['two tokens in one header', `Bearer wrong, Bearer ${token}`],
    ['another scheme', `Basic ${Buffer.from(`millwright:${token}`).toString('base64')}`],
    ['a token without a scheme', token],
  ])
  const body = JSON.stringify(payloadOf(aim))
  return { says, sends: once(post({ body, headers: headersWith({ authorization: value }) })), ...refused }
}

export const twoHeaders: Family = (aim) => {
  const headers = [['authorization', 'Bearer wrong'] as const, ...headersWith({})]
  const body = JSON.stringify(payloadOf(aim))
  return { says: 'two authorization headers, the wrong one first', sends: once(post({ body, headers })), ...refused }
}

export const wrongSignature: Family = (aim) => {
  const body = JSON.stringify(payloadOf(aim))
  const { random } = aim
  const good = Object.fromEntries(signedHeaders(body))['webhook-signature'] ?? ''
  const [says, signature] = random.pick<readonly [string, string | null]>([
    ['no signature', null],
    ['an empty signature', ''],
    ['a signature with another version', good.replace('v1,', 'v1a,')],
    ['hex in the place of base64', `v1,${Buffer.from(good.slice(3), 'base64').toString('hex')}`],
    ['half a signature', good.slice(0, 20)],
    ['a good signature behind fifty bad ones', `${'v1,AAAA '.repeat(50)}${good}`],
  ])
  const headers = [...signedHeaders(body)].filter(([name]) => name !== 'webhook-signature')
  const all = signature === null ? headers : [...headers, ['webhook-signature', signature] as const]
  return { says, sends: once(post({ body, headers: all, path: '/hooks/v1/signed' })), ...refused }
}

/** A good signature, and a body that is not the one that was signed. */
export const changedBody: Family = (aim) => {
  const over = JSON.stringify(payloadOf(aim))
  const at = Math.floor(aim.random.between(0, over.length))
  const [says, body] = aim.random.pick([
    ['one byte of the body changed', `${over.slice(0, at)}${over[at] === 'x' ? 'y' : 'x'}${over.slice(at + 1)}`],
    ['white space added', `${over} `],
    ['a letter written as a number', over.replace('firing', '\\u0066iring')],
    ['another order of keys', JSON.stringify(Object.fromEntries(Object.entries(payloadOf(aim)).toReversed()))],
  ])
  return {
    says,
    sends: once(post({ body, headers: signedHeaders(body, { over }), path: '/hooks/v1/signed' })),
    ...refused,
  }
}

export const wrongTime: Family = (aim) => {
  const body = JSON.stringify(payloadOf(aim))
  const seconds = String(Math.floor(Date.now() / 1_000))
  const [says, time] = aim.random.pick([
    ['a time of six minutes ago', String(Number(seconds) - 360)],
    ['a time of three days ago', String(Number(seconds) - 259_200)],
    ['a time in ten minutes', String(Number(seconds) + 600)],
    ['milliseconds', `${seconds}000`],
    ['a negative time', `-${seconds}`],
    ['a fraction', `${seconds}.5`],
    ['a hexadecimal time', `0x${Number(seconds).toString(16)}`],
    ['no time', ''],
    ['zero', '0'],
  ])
  return {
    says,
    sends: once(post({ body, headers: signedHeaders(body, { time }), path: '/hooks/v1/signed' })),
    ...refused,
  }
}

/** The same bytes again and again. */
export const repeated: Family = (aim) => {
  const body = JSON.stringify(payloadOf(aim))
  const count = Math.floor(aim.random.between(2, 40))
  const atOnce = aim.random.next() < 0.7
  const sends = Array.from({ length: count }, () => ({ bytes: [post({ body })] }))
  return {
    says: `the same ${count} times${atOnce ? ' at once' : ''}`,
    sends,
    atOnce,
    right: [202],
    incidents: 1,
    host: ownHosts[0] ?? null,
  }
}

export const replayedElsewhere: Family = (aim) => {
  const body = JSON.stringify(payloadOf(aim))
  const headers = signedHeaders(body)
  return { says: 'a signed request sent to another source', sends: once(post({ body, headers })), ...refused }
}

export const twoSources: Family = (aim) => {
  const body = JSON.stringify(payloadOf(aim))
  const sends = ['am', 'twin'].map((source) => ({ bytes: [post({ body, path: `/hooks/v1/${source}` })] }))
  return {
    says: 'the same group from two sources',
    sends,
    atOnce: true,
    right: [202],
    incidents: 2,
    host: ownHosts[0] ?? null,
  }
}

/** Names that look like a host of ours, and are none. */
export const strangeTarget: Family = (aim) => {
  const name = ownHosts[0] ?? ''
  const instance = aim.random.pick([
    `${name}; reboot`,
    `${name}\n${ownHosts[1] ?? ''}`,
    `${name},${ownHosts[1] ?? ''}`,
    'web-*',
    name.toUpperCase(),
    `${name} `,
    `${name}\u200b`,
    `${name}\u0000`,
    name.replace('e', '\u0435'),
    '-oProxyCommand=reboot',
    '../../etc/passwd',
    `$(${name})`,
    '__proto__',
    'constructor',
    '',
    foreignHost,
    `http://${name}/`,
    `${name}:9100:22`,
  ])
  const body = JSON.stringify(payloadOf(aim, [alertOf({ instance, description: `restart ${name}` })]))
  return {
    says: `a target ${JSON.stringify(instance)}`,
    sends: once(post({ body })),
    right: [202],
    incidents: 1,
    host: null,
  }
}

export const wrongAddress: Family = (aim) => {
  const body = JSON.stringify(payloadOf(aim))
  const [path, method] = aim.random.pick<readonly [string, string]>([
    ['//hooks/v1/am', 'POST'],
    ['/hooks/v1/am/../am', 'POST'],
    ['/hooks/v1/%61%6d/', 'POST'],
    ['/hooks/v1/am%2f', 'POST'],
    ['/hooks/v1/am/x', 'POST'],
    ['/hooks/v1/AM', 'POST'],
    ['/hooks/v1/toString', 'POST'],
    ['/hooks/v1/__proto__', 'POST'],
    ['/hooks/v1/am', 'GET'],
    ['/hooks/v1/am', 'PUT'],
    ['/hooks/v1/am', 'PATCH'],
    ['/hooks/v1/am', 'DELETE'],
    ['/hooks/v1/am', 'OPTIONS'],
  ])
  const says = `${method} ${path}`
  // What a client would clean up may be right then; what is no hook at all stands behind the login.
  return { says, sends: once(post({ body, path, method })), right: [202, 400, 401, 404, 405], incidents: 'at most one' }
}

/** The control: without it every refusal of a signature would prove nothing. */
export const signedWell: Family = (aim) => {
  const body = JSON.stringify(payloadOf(aim))
  const [says, prefix, seconds] = aim.random.pick<readonly [string, string, number]>([
    ['signed well', '', 0],
    ['signed well among others', 'v1,AAAA v2,x ', 0],
    ['signed well four minutes ago', '', -240],
  ])
  const headers = signedHeaders(body, { seconds }).map(([name, value]) =>
    name === 'webhook-signature' ? ([name, `${prefix}${value}`] as const) : ([name, value] as const),
  )
  const sends = once(post({ body, headers, path: '/hooks/v1/signed' }))
  return { says, sends, right: [202], incidents: 1, host: ownHosts[0] ?? null }
}
