// The port itself: where it may listen, what it cuts, and what a slow or lying sender meets.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request as requestSecure } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { readBody } from '../../gateway/body.ts'
import { portLimits, serveApp, type Serving } from '../../gateway/serve.ts'
import { Config } from '../../runtime/config.ts'
import { freePort } from '../../runtime/embedded-temporal.ts'

const serving: Serving[] = []
afterEach(async () => {
  await Promise.all(serving.splice(0).map((one) => one.close()))
})

const hello = () => new Response('hello')

type Parts = Parameters<typeof serveApp>[1]
type Fetch = Parts['fetch']
type More = Partial<Omit<Parts, 'limits'>> & { readonly limits?: Partial<Parts['limits']> }

async function start(listen: object, more: object = {}, parts: More = {}): Promise<number> {
  const port = await freePort()
  const config = Config.parse({ listen: { address: '127.0.0.1', port, ...listen }, ...more })
  const limits = { ...portLimits, ...parts.limits }
  serving.push(await serveApp(config, { fetch: hello, secret: () => '', ...parts, limits }))
  return port
}

/** Sends bytes as they are, and answers what came back until the server closed. */
function raw(port: number, parts: readonly (string | Buffer)[]): Promise<string> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => {
      for (const part of parts) socket.write(part)
    })
    socket.on('data', (chunk) => {
      answer += chunk.toString()
      if (answer.includes('\r\n\r\n')) socket.end()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(answer))
  })
}

describe('where it may listen', () => {
  test.each(['0.0.0.0', '::', '192.0.2.1', 'example.org'])(
    '%s without TLS and without a proxy: refused, naming both',
    async (address) => {
      await expect(start({ address })).rejects.toMatchObject({
        code: 'config.invalid',
        hint: expect.stringMatching(/tls.*trustedProxies/),
      })
    },
  )

  test('behind a proxy without https in `url`: refused', async () => {
    const behind = { address: '0.0.0.0', trustedProxies: ['127.0.0.1'] }
    await expect(start(behind)).rejects.toMatchObject({
      code: 'config.invalid',
      message: expect.stringContaining('https'),
    })
  })

  test('a taken port is said, with what to do', async () => {
    const port = await start({})
    await expect(start({ port })).rejects.toMatchObject({
      code: 'config.invalid',
      message: expect.stringContaining(String(port)),
    })
  })

  test('only the named proxy may connect', async () => {
    const url = 'https://millwright.example'
    const open = await start({ address: '0.0.0.0', trustedProxies: ['127.0.0.1'] }, { url })
    expect(await (await fetch(`http://127.0.0.1:${open}`)).text()).toBe('hello')
    const shut = await start({ address: '0.0.0.0', trustedProxies: ['192.0.2.1'] }, { url })
    await expect(fetch(`http://127.0.0.1:${shut}`)).rejects.toThrow()
  })

  test('with a certificate it speaks TLS and nothing else', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millwright-tls-'))
    const files = { certificate: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
    const subject = [
      '-subj',
      '/CN=localhost',
      '-days',
      '1',
      '-nodes',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
    ]
    execFileSync('openssl', ['req', '-x509', ...subject, '-out', files.certificate, '-keyout', files.key], {
      stdio: 'ignore',
    })
    const tls = { certificate: `file:${files.certificate}`, key: `file:${files.key}` }
    const port = await start(
      { address: '0.0.0.0', tls },
      {},
      {
        secret: (reference) => readFileSync(reference.slice('file:'.length), 'utf8'),
      },
    )
    const ca = readFileSync(files.certificate)
    rmSync(folder, { recursive: true })
    const answer = await new Promise<string>((resolve, reject) => {
      const call = requestSecure({ port, host: '127.0.0.1', servername: 'localhost', ca }, (response) => {
        response.setEncoding('utf8').on('data', resolve)
      })
      call.once('error', reject).end()
    })
    expect(answer).toBe('hello')
    await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow()
  })
})

describe('what it cuts', () => {
  const reading: Fetch = async (request) => {
    const length = await readBody(request, ['application/json']).then((body) => body.byteLength, codeOf)
    return new Response(String(length))
  }
  const codeOf = (error: unknown) => z.object({ code: z.string() }).parse(error).code
  const head = 'POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n'

  test('a stream without an end is read to the cap and no further', async () => {
    const port = await start({}, {}, { fetch: reading })
    const chunk = Buffer.from(`10000\r\n${'x'.repeat(0x10000)}\r\n`)
    const answer = await raw(port, [
      `${head}transfer-encoding: chunked\r\n\r\n`,
      ...Array.from({ length: 40 }, () => chunk),
    ])
    expect(answer).toContain('input.too-large')
  })

  test.each([
    ['two lengths', 'content-length: 2\r\ncontent-length: 3\r\n\r\n{}x'],
    ['a length and chunks', 'content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a negative length', 'content-length: -1\r\n\r\n{}'],
    ['a header with a line break', 'x-a: 1\r\n b\r\ncontent-length: x\r\n\r\n{}'],
  ])('%s: 400, and nobody is asked', async (_, rest) => {
    let asked = false
    const port = await start(
      {},
      {},
      {
        fetch: () => {
          asked = true
          return new Response('')
        },
      },
    )
    expect(await raw(port, [head, rest])).toMatch(/^HTTP\/1\.1 400/)
    expect(asked).toBe(false)
  })

  test('the body that an old client or a careful one sends is read like any other', async () => {
    const port = await start({}, {}, { fetch: reading })
    const old = head.replace('1.1', '1.0')
    expect(await raw(port, [old, 'content-length: 2\r\n\r\n{}'])).toMatch(/^HTTP\/1\.[01] 200 [^]*\r\n\r\n2$/)
    expect(await raw(port, [head, 'expect: 100-continue\r\ncontent-length: 2\r\n\r\n'])).toMatch(/^HTTP\/1\.1 100 /)
    expect(await raw(port, [head, 'expect: tea\r\ncontent-length: 2\r\n\r\n{}'])).toMatch(/^HTTP\/1\.1 417 /)
  })

  test('requests in one go are answered one after the other, each with its own body', async () => {
    const port = await start(
      {},
      {},
      {
        fetch: async (request) =>
          new Response(`<${Buffer.from(await readBody(request, ['application/json'])).toString()}>`),
      },
    )
    const one = (body: string, more = '') => `${head}${more}content-length: ${body.length}\r\n\r\n${body}`
    const answer = await new Promise<string>((resolve) => {
      let text = ''
      const socket = connect(port, '127.0.0.1', () =>
        socket.write(one('{"a":1}') + one('{}') + one('[2]', 'connection: close\r\n')),
      )
      socket.on('data', (chunk) => (text += chunk.toString())).on('close', () => resolve(text))
    })
    expect(answer.match(/<.*?>/g)).toEqual(['<{"a":1}>', '<{}>', '<[2]>'])
  })

  test('a body that is shorter than it says is never taken for a whole one', async () => {
    let read = 'nothing'
    const port = await start(
      {},
      {},
      {
        fetch: async (request) => {
          read = await readBody(request, ['application/json']).then(
            () => 'whole',
            () => 'cut',
          )
          return new Response('')
        },
      },
    )
    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.end(`${head}content-length: 10\r\n\r\n{}`))
      socket.on('error', () => undefined).on('close', () => resolve())
      socket.resume()
    })
    await vi.waitFor(() => expect(read).toBe('cut'))
  })

  test('what is under way when it ends gets its answer; a stream without an end does not keep it', async () => {
    const arrived = Promise.withResolvers<void>()
    const done = Promise.withResolvers<void>()
    const port = await start(
      {},
      {},
      {
        fetch: async (request) => {
          if (new URL(request.url).pathname === '/stream')
            return new Response(new ReadableStream({ start: (out) => out.enqueue(Buffer.from('x')) }))
          arrived.resolve()
          await done.promise
          return new Response('answered')
        },
      },
    )
    await fetch(`http://127.0.0.1:${port}/stream`)
    const slow = fetch(`http://127.0.0.1:${port}/`).then((response) => response.text())
    await arrived.promise
    const [one] = serving.splice(0)
    const closed = one?.close()
    done.resolve()
    expect(await slow).toBe('answered')
    await closed
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow()
  })
})

describe('who takes too long or too much', () => {
  const soon = { request: 200, check: 50 }
  const patient = { timeout: 30_000, interval: 20 }

  /** What came back until the server closed, while `text` is sent a byte at a time, and nothing after its end. */
  function dribbled(port: number, text: string): Promise<string> {
    return new Promise((resolve) => {
      let answer = ''
      let sent = 0
      const socket = connect(port, '127.0.0.1')
      const timer = setInterval(() => socket.write(text.slice(sent, (sent += 1))), 10)
      socket.on('data', (chunk) => (answer += chunk.toString())).on('error', () => undefined)
      socket.on('close', () => {
        clearInterval(timer)
        resolve(answer)
      })
    })
  }

  test.each([
    ['headers', `POST / HTTP/1.1\r\nhost: x\r\nx-a: ${'a'.repeat(5_000)}`],
    ['a body', `POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5000\r\n\r\n${'a'.repeat(5_000)}`],
    ['nothing at all', ''],
  ])('%s, a byte at a time: the connection is closed', async (what, text) => {
    const reading = async (request: Request) => new Response(String((await request.arrayBuffer()).byteLength))
    const port = await start({}, {}, { fetch: reading, limits: soon })

    const answer = await dribbled(port, text)

    expect(answer).toMatch(what === 'nothing at all' ? /^$|^HTTP\/1\.1 408 / : /^HTTP\/1\.1 408 /)
  })

  test('connections that say nothing give way to a request', async () => {
    const port = await start({}, {}, { limits: { request: 2_000, check: 50, connections: 50 } })
    const sockets = Array.from({ length: 300 }, () => connect(port, '127.0.0.1').on('error', () => undefined))
    onTestFinished(() => sockets.forEach((socket) => socket.destroy()))

    await vi.waitFor(async () => expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('hello'), patient)
  })

  test('connections that wait for their next request give way to a new one', async () => {
    const port = await start({}, {}, { limits: { connections: 20 } })
    const waiting = Array.from({ length: 20 }, () => {
      const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'))
      const answered = new Promise((resolve) => socket.once('data', resolve))
      return { socket: socket.on('error', () => undefined), answered }
    })
    onTestFinished(() => waiting.forEach(({ socket }) => socket.destroy()))
    await Promise.all(waiting.map(({ answered }) => answered))

    await vi.waitFor(async () => expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('hello'), patient)
  })
})
