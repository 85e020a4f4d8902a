import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { loadProbes } from '../../probes/load.ts'

const folder = join(import.meta.dirname, '../../probes')
const probes = await loadProbes(folder)

const Recorded = z.strictObject({
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  declaration: z.looseObject({}),
  commands: z.array(
    z.strictObject({ argv: z.array(z.string()), code: z.int(), output: z.string(), errors: z.string() }),
  ),
  files: z.record(z.string(), z.looseObject({})).optional(),
  now: z.int().optional(),
  /** What the reader must answer; facts that are not named may be anything. */
  facts: z.record(z.string(), z.unknown()).optional(),
  /** Text that must stand in the excerpt. */
  excerpt: z.string().optional(),
  /** Text of the error instead. */
  broken: z.string().optional(),
})

const Answered = z.array(
  z.union([
    z.strictObject({ facts: z.record(z.string(), z.unknown()), excerpt: z.string() }),
    z.strictObject({ broken: z.string() }),
  ]),
)

const cases = [...probes.byName.keys()].flatMap((name) => {
  const fixtures = join(folder, name, 'fixtures')
  return readdirSync(fixtures)
    .filter((file) => file.endsWith('.json'))
    .map((file) => {
      const recorded = Recorded.parse(JSON.parse(readFileSync(join(fixtures, file), 'utf8')))
      return { name, title: `${name}: ${file.slice(0, -5)}`, recorded }
    })
})

/** All at once: starting Python is the expensive part. */
const answers = Answered.parse(
  JSON.parse(
    execFileSync('python3', [join(import.meta.dirname, 'read_fixture.py')], {
      encoding: 'utf8',
      input: JSON.stringify(
        cases.map(({ name, recorded }) => ({ ...recorded, reader: join(folder, name, 'reader.py') })),
      ),
    }),
  ),
)

describe('every probe', () => {
  it.each([...probes.byName])('%s says in one sentence what it reads', (_, probe) => {
    expect(probe.description).toMatch(/^[A-Z].{30,200}\.$/)
    expect(probe.description).not.toContain('\n')
  })

  it.each([...probes.byName.keys()])('%s has recorded hosts to be read', (name) => {
    expect(cases.filter((one) => one.name === name).length).toBeGreaterThan(0)
  })

  it.each(cases.map((one, at) => ({ ...one, answer: answers[at] })))('reads $title', ({ name, recorded, answer }) => {
    if (recorded.broken !== undefined) {
      expect(answer).toMatchObject({ broken: expect.stringContaining(recorded.broken) })
      return
    }
    const { facts, excerpt } = z.object({ facts: z.unknown(), excerpt: z.string() }).parse(answer)
    expect(facts).toMatchObject(recorded.facts ?? {})
    expect(excerpt).toContain(recorded.excerpt ?? '')
    // Closed facts: what a host answers is parsed with exactly this.
    expect(probes.byName.get(name)?.facts.safeParse(facts).error).toBeUndefined()
  })

  it('is asked for nothing that a caller could write freely', () => {
    for (const { params } of Object.values(probes.schema.probes)) {
      for (const param of Object.values(params))
        expect(['declared', 'enum', 'integer', 'boolean']).toContain(param.type)
    }
  })
})
