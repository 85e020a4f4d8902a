import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canonicalJson } from '../../domain/canonical-json.ts'
import { hostileCases } from './hostile.ts'
import { install, type Installed } from './installed.ts'

const canary = 'canary-7f3a9c'
const declaration = {
  units: [{ name: 'nginx.service', ports: [80], tester: 'none', configs: [] }],
  endpoints: [{ id: 'home', port: 1, path: '/', unit: null }],
  mounts: [{ id: 'logs', path: '/tmp' }],
  logRoots: [],
  note: canary,
}

let host: Installed
beforeAll(async () => {
  host = await install(declaration)
})
afterAll(() => host.remove())

function request(...requests: readonly { readonly probe: string; readonly params: object }[]): string {
  return JSON.stringify({ version: 1, schema: host.schema.digest, requests })
}

type Answer = { readonly probe: string; readonly outcome: string; readonly [key: string]: unknown }
type Reply = {
  readonly denied?: { readonly code: string; readonly message: string }
  readonly answers?: readonly Answer[]
}

function reply(output: string): Reply {
  expect(output.endsWith('\n')).toBe(true)
  expect(output.trimEnd()).not.toContain('\n')
  return JSON.parse(output)
}

/** Names, sizes, times and contents of everything below a folder. */
function picture(folder: string): string {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()
  return paths
    .map((path) => {
      const found = statSync(join(folder, path))
      const content = found.isFile()
        ? createHash('sha256')
            .update(readFileSync(join(folder, path)))
            .digest('hex')
        : ''
      return `${path} ${found.mode} ${found.mtimeMs} ${content}`
    })
    .join('\n')
}

describe("the host's program", () => {
  it('refuses every hostile request with JSON, without a crash, a leak or a write', async () => {
    const cases = hostileCases(host.schema.digest)
    expect(cases.length).toBeGreaterThanOrEqual(400)
    const before = picture(host.folder)
    const environment = { SECRET: canary, LC_ALL: `() { :;}; echo ${canary}`, TZ: ':/etc/passwd', PYTHONPATH: '/tmp' }
    const happened = await host.ask(
      cases.map((one) => ({ ...one, environment: { ...environment, ...one.environment } })),
    )
    const wrong = happened.flatMap(({ code, output, errors }, at) => {
      const refused = [0, 2].includes(code) && errors === '' && allRefused(reply(output)) && !output.includes(canary)
      return refused ? [] : [{ asked: String(cases[at]?.request).slice(0, 200), code, output, errors }]
    })
    expect(wrong).toEqual([])
    expect(picture(host.folder)).toBe(before)
  }, 60_000)

  it('answers in the order of the questions and refuses one without losing the others', async () => {
    const asked = request(
      { probe: 'memory', params: {} },
      { probe: 'unit-status', params: { unit: 'other.service' } },
      { probe: 'disk-usage', params: { mount: 'logs' } },
      { probe: 'no-such-probe', params: {} },
    )
    const [happened] = await host.ask([{ request: asked, environment: { SSH_ORIGINAL_COMMAND: 'probe' } }])
    const { answers } = reply(happened?.output ?? '')
    expect(answers?.map((one) => [one.probe, one.outcome])).toEqual([
      ['memory', 'ok'],
      ['unit-status', 'refused'],
      ['disk-usage', 'ok'],
      ['no-such-probe', 'refused'],
    ])
    expect(happened?.code).toBe(0)
  })

  it('puts a digest over each answer that the other end can make, too', async () => {
    const [happened] = await host.ask([
      { request: request({ probe: 'memory', params: {} }, { probe: 'top-processes', params: {} }) },
    ])
    for (const answer of reply(happened?.output ?? '').answers ?? []) {
      const { digest, ...rest } = answer
      expect(createHash('sha256').update(canonicalJson(rest)).digest('hex')).toBe(digest)
    }
  })

  it('lists a file whose name is no text, and is not blinded by it', async () => {
    const logs = mkdtempSync(join(tmpdir(), 'millwright-names-'))
    writeFileSync(Buffer.concat([Buffer.from(`${logs}/caf`), Buffer.from([0xe9]), Buffer.from('.log.3')]), 'old')
    const aged = await install({ mounts: [{ id: 'logs', path: logs }], logRoots: [{ id: 'logs', path: logs }] })
    try {
      const probes = ['largest-files', 'inode-hogs'].map((probe) => ({ probe, params: { mount: 'logs' } }))
      const asked = JSON.stringify({ version: 1, schema: aged.schema.digest, requests: probes })
      const [happened] = await aged.ask([{ request: asked }])
      for (const { digest, ...rest } of reply(happened?.output ?? '').answers ?? []) {
        expect(rest).toMatchObject({ outcome: 'ok' })
        expect(createHash('sha256').update(canonicalJson(rest)).digest('hex')).toBe(digest)
      }
    } finally {
      aged.remove()
      rmSync(logs, { recursive: true, force: true })
    }
  })

  it('names both digests when it was installed for another schema', async () => {
    const other = '0'.repeat(64)
    const asked = JSON.stringify({ version: 1, schema: other, requests: [{ probe: 'memory', params: {} }] })
    const [happened] = await host.ask([{ request: asked }])
    const { denied } = reply(happened?.output ?? '')
    expect(denied?.code).toBe('schema-mismatch')
    expect(denied?.message).toContain(other)
    expect(denied?.message).toContain(host.schema.digest)
  })

  it('reads a declared endpoint of its own loopback and follows nothing', async () => {
    const server = createServer((_, response) =>
      response.writeHead(302, { location: 'http://169.254.169.254/' }).end('body'),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const here = await install({ endpoints: [{ id: 'home', port, path: '/', unit: null }] })
    try {
      const asked = JSON.stringify({
        version: 1,
        schema: here.schema.digest,
        requests: [{ probe: 'http-probe', params: { endpoint: 'home' } }],
      })
      const [happened] = await here.ask([{ request: asked }])
      const { answers } = reply(happened?.output ?? '')
      expect(answers?.[0]).toMatchObject({ outcome: 'ok', facts: { ok: true, status: 302, error: null } })
    } finally {
      server.close()
      here.remove()
    }
  })
})

function allRefused({ denied, answers }: Reply): boolean {
  return denied !== undefined || (answers !== undefined && answers.every((one) => one.outcome === 'refused'))
}

describe('a probe folder', () => {
  it('works without any other edit, is confined, and is bounded in time and size', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millwright-probes-'))
    const index = (timeout: number): string => `
      import { z } from 'zod'
      export default {
        description: 'A probe that nobody has heard of before it was put here.',
        params: z.strictObject({ how: z.enum(['well', 'write', 'hang', 'much', 'crash', 'die', 'wrong']) }),
        facts: z.strictObject({ said: z.string() }),
        timeoutSeconds: ${timeout},
      }`
    const marker = join(folder, 'written')
    const reader = `
import os, time
def read(params, host):
    how = params['how']
    if how == 'write':
        try:
            open(${JSON.stringify(marker)}, 'w').write('x')
        except OSError as problem:
            return {'said': type(problem).__name__}, ''
    if how == 'hang':
        time.sleep(60)
    if how == 'crash':
        raise ValueError('no such thing')
    if how == 'die':
        os.kill(os.getpid(), 9)
    if how == 'wrong':
        return {'said': object()}, ''
    return {'said': how}, 'head ' + 'x' * 300000 * (how == 'much') + ' tail'
`
    try {
      mkdirSync(join(folder, 'fresh-probe'))
      symlinkSync(join(import.meta.dirname, '../../node_modules'), join(folder, 'node_modules'))
      writeFileSync(join(folder, 'fresh-probe/index.ts'), index(1))
      writeFileSync(join(folder, 'fresh-probe/reader.py'), reader)
      cpSync(join(import.meta.dirname, '../../probes/params.ts'), join(folder, 'params.ts'))
      const here = await install({}, folder)
      const hows = ['well', 'write', 'hang', 'much', 'crash', 'die', 'wrong']
      const requests = hows.map((how) => ({ probe: 'fresh-probe', params: { how } }))
      const asked = JSON.stringify({ version: 1, schema: here.schema.digest, requests })
      const [happened] = await here.ask([{ request: asked }])
      here.remove()
      const { answers = [] } = reply(happened?.output ?? '')
      expect(answers.map((one) => one.outcome)).toEqual(['ok', 'ok', 'timeout', 'ok', 'broken', 'broken', 'broken'])
      expect(answers[0]).toMatchObject({ facts: { said: 'well' }, excerpt: 'head  tail', truncated: false })
      expect(readdirSync(folder)).not.toContain('written')
      expect(answers[1]).toMatchObject({ facts: { said: 'PermissionError' } })
      expect(answers[3]).toMatchObject({ truncated: true })
      expect(JSON.stringify(answers[3]).length).toBeLessThanOrEqual(64 * 1024)
      expect(String(answers[3]?.['excerpt'])).toMatch(/^head x+\n… \d+ characters left out …\nx+ tail$/)
      expect(answers[4]?.['message']).toBe('its reader failed: ValueError: no such thing')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('keeps a pack of many large answers within its limit', async () => {
    const asked = Array.from({ length: 64 }, () => ({ probe: 'memory', params: {} }))
    const [happened] = await host.ask([{ request: request(...asked) }])
    expect(reply(happened?.output ?? '').answers?.length).toBe(64)
    expect((happened?.output ?? '').length).toBeLessThanOrEqual(256 * 1024)
  })
})
