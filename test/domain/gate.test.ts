import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { type Concluded, bearOut, gateProposal, type GateScope, type Recorded } from '../../domain/gate.ts'
import type { InventoryHost } from '../../domain/inventory.ts'
import { samplePlaybook } from '../support/sample-playbook.ts'

const host: InventoryHost = {
  id: 'web-01',
  name: 'web-01',
  address: '192.0.2.1',
  port: 22,
  hostKeys: [],
  team: 'default',
  environment: 'lab',
  role: 'web',
  zone: 'lab',
  units: [
    { name: 'nginx.service', configs: [], ports: [80] },
    { name: 'cron.service', configs: [], ports: [] },
  ],
  endpoints: [],
  mounts: [],
  dependsOn: [],
}
const nginx = [{ kind: 'unit', name: 'nginx.service' }] as const
const scope: GateScope = { playbooks: [samplePlaybook], host, subjects: nginx, tried: [] }

describe('a proposal', () => {
  test('is accepted with the values of the inventory', () => {
    const accepted = { kind: 'accepted', playbook: 'service-restart', params: { unit: 'nginx.service' } }
    expect(gateProposal({ playbook: 'service-restart', params: {} }, scope)).toEqual(accepted)
    expect(gateProposal({ playbook: 'service-restart', params: { unit: 'nginx.service' } }, scope)).toEqual(accepted)
  })

  test.each([
    ['Service-Restart', {}, 'the catalogue has no such playbook'],
    ['../service-restart', {}, 'the catalogue has no such playbook'],
    ['service-restart ', {}, 'the catalogue has no such playbook'],
    ['service-restart', { unit: 'cron.service' }, 'no target of this alert has these parameters'],
    ['service-restart', { unit: 'nginx.service\n' }, 'no target of this alert has these parameters'],
    ['service-restart', { unit: 'nginx.service', ansible_host: '192.0.2.66' }, 'no target of this alert has these'],
    ['service-restart', { constructor: 'x' }, 'no target of this alert has these parameters'],
    ['service-restart', { toString: 'x' }, 'no target of this alert has these parameters'],
  ])('%s with %j is refused: %s', (playbook, params, why) => {
    expect(gateProposal({ playbook, params }, scope)).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining(why),
    })
  })

  test('of a draft, or of what was tried, is refused', () => {
    const draft = { ...samplePlaybook, modes: { lab: 'draft' } } as const
    const proposed = { playbook: 'service-restart', params: {} }
    expect(gateProposal(proposed, { ...scope, playbooks: [draft] })).toMatchObject({ kind: 'refused' })
    expect(gateProposal(proposed, { ...scope, tried: ['service-restart'] })).toMatchObject({ kind: 'refused' })
  })

  test('that fits several targets is refused and told which parameter names one', () => {
    const all = { ...scope, subjects: [] }
    expect(gateProposal({ playbook: 'service-restart', params: {} }, all)).toMatchObject({
      why: expect.stringContaining('name unit'),
    })
    expect(gateProposal({ playbook: 'service-restart', params: { unit: 'cron.service' } }, all)).toMatchObject({
      kind: 'accepted',
    })
  })

  test('whatever it is, is refused or is one of the assignments that the alert allows', () => {
    const value = fc.oneof(fc.string({ unit: 'binary' }), fc.double(), fc.boolean(), fc.constant('nginx.service'))
    const params = fc.dictionary(fc.oneof(fc.string(), fc.constant('unit'), fc.constant('__proto__')), value)
    const playbook = fc.oneof(fc.string(), fc.constant('service-restart'))
    fc.assert(
      fc.property(playbook, params, (id, given) => {
        const gated = gateProposal({ playbook: id, params: given }, scope)
        if (gated.kind === 'accepted') {
          expect(gated).toEqual({ kind: 'accepted', playbook: 'service-restart', params: { unit: 'nginx.service' } })
        }
      }),
      { numRuns: 5_000 },
    )
  })
})

const recorded: Recorded = new Map([
  [
    'e1.0',
    {
      id: 'a'.repeat(64),
      seen: true,
      texts: [
        'activeState: "failed"\nresult: "exit-code"',
        'bind: Address in use',
        'e1.0 unit-status nginx.service: activeState: "failed" result: "exit-code"',
      ],
    },
  ],
  ['e1.2', { id: 'c'.repeat(64), seen: true, texts: ['', '', 'e1.2 failed-units: nothing found'] }],
  ['e1.1', { id: 'b'.repeat(64), seen: false, texts: ['not seen (timeout): it took too long'] }],
])
const concluded: Concluded = {
  hypothesis: 'Something holds the port',
  confidence: 'likely',
  for: ['e1.0: Address in use'],
  against: [],
  ruledOut: ['the configuration: it is accepted'],
  gaps: ['the other host: it could not be read'],
}

describe('a conclusion', () => {
  test('cites evidence that stands, in words that stand in it', () => {
    const { diagnosis, dropped, supported } = bearOut(concluded, recorded)
    expect(supported).toBe(true)
    expect(dropped).toEqual([])
    expect(diagnosis).toEqual({
      hypothesis: 'Something holds the port',
      confidence: 'likely',
      for: [{ label: 'e1.0', evidence: 'a'.repeat(64), quote: 'Address in use' }],
      against: [],
      ruledOut: [{ what: 'the configuration', because: 'it is accepted' }],
      gaps: [{ what: 'the other host', why: 'it could not be read' }],
    })
  })

  test.each([
    ['e1.0', null],
    ['e1.0: "activeState: "failed""', 'activeState: "failed"'],
    ['e1.0:   bind:  Address\nin use ', 'bind: Address in use'],
  ])('may be cited as %j', (text, quote) => {
    const { diagnosis } = bearOut({ ...concluded, for: [text] }, recorded)
    expect(diagnosis.for).toMatchObject([{ label: 'e1.0', quote }])
  })

  test.each([
    ['e1.3: Address in use', 'this incident holds no such evidence'],
    ['E1.0', 'this incident holds no such evidence'],
    ['Address in use', 'this incident holds no such evidence'],
    ['e1.0: Out of memory', 'these words do not stand in e1.0'],
    ['', 'this incident holds no such evidence'],
  ])('loses %j: %s', (text, why) => {
    const { diagnosis, dropped, supported } = bearOut({ ...concluded, for: [text] }, recorded)
    expect(supported).toBe(false)
    expect(diagnosis).toMatchObject({ hypothesis: 'No cause that the evidence bears out.', confidence: 'unknown' })
    expect(dropped.map((one) => one.why)).toContain(why)
    expect(dropped.map((one) => one.what)).toContain('Something holds the port')
  })

  test.each([
    'activeState: "failed"',
    'e1.0 unit-status nginx.service: activeState: "failed"',
    'exit-code',
    'Address in',
  ])('shows something by %j', (quote) =>
    expect(bearOut({ ...concluded, for: [`e1.0: ${quote}`] }, recorded).quoted).toBe(true),
  )

  test.each([
    ['its label alone', 'e1.0'],
    ['words that stand in almost any answer', 'e1.0: "fail'],
    ['evidence that was not seen', 'e1.1: it took too long'],
    ['the question', 'e1.0: e1.0 unit-status nginx.service'],
    ['names of facts alone', 'e1.0: activeState'],
    ['that nothing was found', 'e1.2: nothing found'],
  ])('that cites %s is possible at most, and enough for no proposal', (_, text) => {
    const certain = { ...concluded, confidence: 'certain', for: [text] } as const
    expect(bearOut(certain, recorded)).toMatchObject({
      supported: true,
      quoted: false,
      diagnosis: { confidence: 'possible' },
    })
    const both = bearOut({ ...certain, for: [text, 'e1.0: Address in use'] }, recorded)
    expect(both).toMatchObject({ quoted: true, diagnosis: { confidence: 'certain' } })
  })

  test('is no surer than it says itself', () => {
    expect(bearOut({ ...concluded, confidence: 'unknown' }, recorded).diagnosis.confidence).toBe('unknown')
  })

  test('is one line of bounded length, whatever is written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (text) => {
        const { diagnosis, dropped } = bearOut(
          { ...concluded, hypothesis: text, against: [text], ruledOut: [text], gaps: [text] },
          recorded,
        )
        const said = JSON.stringify([diagnosis, dropped])
        for (const one of [diagnosis.hypothesis, ...dropped.map(({ what }) => what)]) {
          expect(one.length).toBeLessThanOrEqual(300)
          expect(one).not.toMatch(/[\n\r\u2028]/)
        }
        expect(said.length).toBeLessThan(4_000)
      }),
    )
  })
})
