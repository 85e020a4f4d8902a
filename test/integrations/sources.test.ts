// The contract of every alert source: this suite runs each folder it finds.
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { failureCode } from '../../domain/failure.ts'
import { loadSources, ownRoot, type LoadedSource } from '../../integrations/load.ts'
import { Config } from '../../runtime/config.ts'
import { fixturesIn, foldersIn } from '../support/folders.ts'

const Fixture = z.strictObject({
  says: z.string(),
  config: z.record(z.string(), z.unknown()),
  secrets: z.record(z.string(), z.string()),
  headers: z.record(z.string(), z.string()),
  body: z.unknown().optional(),
  /** The exact bytes, where a signature is over them. */
  text: z.string().optional(),
  /** The clock at which it was sent, where that counts. */
  at: z.string().optional(),
  verification: z.enum(['verified', 'refused']),
  parsed: z.unknown(),
})

const sources = join(ownRoot, 'sources')
const all = foldersIn(sources).map((name) => ({
  name,
  fixtures: fixturesIn(join(sources, name)).map((one) => ({ ...Fixture.parse(one.content), file: one.name })),
}))

async function load(use: string, config: Readonly<Record<string, unknown>>): Promise<LoadedSource> {
  const loaded = await loadSources(Config.parse({ sources: { one: { use, ...config } } }))
  const source = loaded.get('one')
  if (source === undefined) throw new Error('the source was not loaded')
  return source
}

const raw = (fixture: { body?: unknown; text?: string | undefined }) =>
  new TextEncoder().encode(fixture.text ?? JSON.stringify(fixture.body))

/** The clock of the request, where a signature is over the time. */
function clockOf({ at }: { readonly at?: string | undefined }): void {
  if (at !== undefined) vi.useFakeTimers({ now: new Date(at), toFake: ['Date'] })
}
afterEach(() => {
  vi.useRealTimers()
})

test.each(['alertmanager', 'generic'])('the source %s is there', (name) => {
  expect(all.map((one) => one.name)).toContain(name)
})

describe.each(all)('the source $name', ({ name, fixtures }) => {
  const good = fixtures.find(({ verification }) => verification === 'verified')
  if (good === undefined) throw new Error(`the source ${name} has no fixture that is verified`)

  test.each(fixtures)('$file: $says', async (fixture) => {
    const source = await load(name, fixture.config)
    clockOf(fixture)
    const request = { headers: fixture.headers, body: raw(fixture) }
    const secret = (reference: string) => fixture.secrets[reference] ?? ''
    expect(source.verify(request, secret).kind).toBe(fixture.verification)
    expect(source.parse(JSON.parse(new TextDecoder().decode(request.body)))).toEqual(fixture.parsed)
  })

  test('a fixture fires and one is over', () => {
    const Parsed = z.object({ alerts: z.array(z.object({ status: z.string() })) })
    const alerts = fixtures.flatMap(({ parsed }) => Parsed.safeParse(parsed).data?.alerts ?? [])
    const statuses = alerts.map(({ status }) => status)
    expect(statuses).toContain('firing')
    expect(statuses).toContain('resolved')
  })

  test('without credentials it is refused, with the header that was expected', async () => {
    const source = await load(name, good.config)
    const secret = (reference: string) => good.secrets[reference] ?? ''
    const verification = source.verify({ headers: {}, body: raw(good) }, secret)
    expect(verification).toMatchObject({ kind: 'refused', says: expect.stringContaining('header') })
  })

  test('with the secret of somebody else it is refused, and the answer repeats no secret', async () => {
    const source = await load(name, good.config)
    clockOf(good)
    const verification = source.verify({ headers: good.headers, body: raw(good) }, () => 'of somebody else')
    expect(verification.kind).toBe('refused')
    for (const secret of Object.values(good.secrets)) expect(JSON.stringify(verification)).not.toContain(secret)
  })

  test.each(['', ' ', '\n'])('an empty secret (%j) verifies nothing', async (empty) => {
    const source = await load(name, good.config)
    const attempt = () => source.verify({ headers: good.headers, body: raw(good) }, () => empty)
    expect(codeOf(attempt)).toBe('config.invalid')
  })

  test('a block without credentials is refused at the start', async () => {
    await expect(load(name, {})).rejects.toMatchObject({ code: 'config.invalid' })
  })

  test('an unknown key in its block is refused at the start, by name', async () => {
    await expect(load(name, { ...good.config, surprise: 1 })).rejects.toThrow(/surprise/)
  })

  const garbage = [null, 1, 'text', [], {}, [[]], { alerts: 1 }, { version: '4', alerts: [null] }, nested(20_000)]
  test.each(garbage.map((body, at) => [at, body] as const))(
    'garbage %i is an answer, not an error',
    async (_, body) => {
      const source = await load(name, good.config)
      expect(source.parse(body).kind).toMatch(/^(invalid|ignored|test)$/)
    },
  )
})

function codeOf(attempt: () => unknown): string {
  try {
    return `no failure: ${JSON.stringify(attempt())}`
  } catch (error) {
    return failureCode(error)
  }
}

function nested(depth: number): unknown {
  return JSON.parse('{"alerts":'.repeat(depth) + '1' + '}'.repeat(depth))
}
