// Who is let in, changed and removed, and whether one human can be two of them where two must decide.
import { z } from 'zod'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createDecideAgain } from '../../activities/decide-again.ts'
import type { Person } from '../../domain/person.ts'
import type { Playbook } from '../../domain/playbook.ts'
import { newId } from '../../runtime/ids.ts'
import { removePerson } from '../../store/people.ts'
import { gatewayDeps, testGateway } from '../support/gateway.ts'
import { pagesConfig } from '../support/pages.ts'
import { logInAs } from '../support/people.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { samplePlaybook } from '../support/sample-playbook.ts'
import { seedIncident, seedPlan } from '../support/seed.ts'

let db: TestStore
let app: Awaited<ReturnType<typeof testGateway>>
beforeAll(async () => {
  db = await testStore()
  app = await testGateway(db.store)
})
afterAll(() => db.end())
beforeEach(() => db.store.deleteFrom('person').execute())

const origin = 'http://127.0.0.1:8321'
const mallory: Person = { name: 'mallory', role: 'admin', team: 'default' }
const ann: Person = { name: 'ann', role: 'approver', team: 'default' }
const bob: Person = { name: 'bob', role: 'approver', team: 'default' }

/** Sends JSON with a token; answers status and body. */
async function post(path: string, body: unknown, token: string, by = app) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const init = { method: 'POST', headers, body: JSON.stringify(body) }
  const response = await by.request(`${origin}/api/v1${path}`, init)
  const text = await response.text()
  const answer: Readonly<Record<string, unknown>> = text.startsWith('{') ? JSON.parse(text) : {}
  return { status: response.status, answer }
}

const get = (path: string, token: string) =>
  app.request(`${origin}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } })

/** The code that this login hands out, typed in: the token of whoever has it. */
async function letIn(token: string, person: Person): Promise<string> {
  const { answer } = await post('/people', person, token)
  return String((await post('/login', { code: answer['code'], kind: 'cli' }, '')).answer['token'])
}

const auditOf = (subject: string) =>
  db.store.selectFrom('audit_event').select(['actor', 'act', 'detail']).where('subject', '=', subject).execute()

describe('an admin', () => {
  test('lets a person in with a code, and it stands in the audit who did', async () => {
    const { status, answer } = await post('/people', bob, await logInAs(db.store, mallory))
    expect({ status, answer }).toMatchObject({ status: 200, answer: { ...bob, did: 'invited' } })
    expect(await auditOf('person:bob')).toMatchObject([
      { actor: 'person:mallory', act: 'person.invited', detail: { role: 'approver', team: 'default', was: null } },
    ])
  })

  test('who hands out a code for a name that is there with another role changes that person, and it is written so', async () => {
    const token = await logInAs(db.store, mallory)
    const own = await logInAs(db.store, { ...ann, name: 'carol' })
    const { answer } = await post('/people', { name: 'carol', role: 'viewer', team: 'web' }, token)
    expect(answer).toMatchObject({ did: 'changed' })
    expect((await auditOf('person:carol')).at(-1)).toMatchObject({
      actor: 'person:mallory',
      act: 'person.changed',
      detail: { role: 'viewer', team: 'web', was: { role: 'approver', team: 'default' } },
    })
    expect((await post('/stop', {}, own)).status).toBe(403)
  })

  test('who hands out one more code changes nothing, and it is written down', async () => {
    await logInAs(db.store, { ...ann, name: 'dave' })
    const token = await logInAs(db.store, mallory)
    expect((await post('/people', { ...ann, name: 'dave' }, token)).answer).toMatchObject({ did: 'known' })
    expect((await auditOf('person:dave')).at(-1)).toMatchObject({
      actor: 'person:mallory',
      act: 'person.code-handed-out',
    })
  })

  test('removes a person: every login and code of theirs ends at once', async () => {
    const token = await logInAs(db.store, mallory)
    const gone = await letIn(token, bob)
    const unused = await post('/people', bob, token)
    expect((await get('/status', gone)).status).toBe(200)

    expect((await post('/people/bob/remove', {}, token)).status).toBe(200)

    expect((await get('/status', gone)).status).toBe(401)
    expect((await post('/login', { code: unused.answer['code'], kind: 'cli' }, '')).status).toBe(401)
    expect((await auditOf('person:bob')).at(-1)).toMatchObject({ actor: 'person:mallory', act: 'person.removed' })
    expect((await post('/people/bob/remove', {}, token)).status).toBe(404)
  })

  test('lets nobody in with a request that was under way when they were removed', async () => {
    const token = await logInAs(db.store, mallory)
    const removed = new ReadableStream<Uint8Array>(
      {
        pull: async (body) => {
          await removePerson(db.store, mallory.name, 'ann', new Date())
          body.enqueue(new TextEncoder().encode(JSON.stringify({ name: 'mallory-2', role: 'admin' })))
          body.close()
        },
      },
      { highWaterMark: 0 },
    )
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const init = { method: 'POST', headers, body: removed, duplex: 'half' as const }
    expect((await app.request(`${origin}/api/v1/people`, init)).status).toBe(401)
    expect(await auditOf('person:mallory-2')).toEqual([])
  })

  test('does not remove themselves', async () => {
    const token = await logInAs(db.store, mallory)
    expect((await post('/people/mallory/remove', {}, token)).status).toBe(403)
    expect((await get('/status', token)).status).toBe(200)
  })
})

test('nobody but an admin lets in or removes, and that it was tried is written down', async () => {
  const token = await logInAs(db.store, ann)
  await logInAs(db.store, bob)
  expect((await post('/people', { ...bob, role: 'admin' }, token)).status).toBe(403)
  expect((await post('/people/bob/remove', {}, token)).status).toBe(403)
  expect((await auditOf('person:bob')).map(({ act }) => act)).toEqual(
    expect.arrayContaining(['invite.refused', 'remove.refused']),
  )
})

test('people see those of their own team, an admin everybody', async () => {
  await logInAs(db.store, { name: 'eve', role: 'viewer', team: 'web' })
  const namesFor = async (token: string) => {
    const people = z.array(z.looseObject({ name: z.string() })).parse(await (await get('/people', token)).json())
    return people.map(({ name }) => name)
  }
  expect(await namesFor(await logInAs(db.store, ann))).toEqual(['ann'])
  expect(await namesFor(await logInAs(db.store, mallory))).toEqual(['ann', 'eve', 'mallory'])
})

describe('a plan that two people must approve', () => {
  const tierThree: Playbook = { ...samplePlaybook, tier: 3, modes: { lab: 'suggest' }, authors: ['wendy'] }
  const catalogue = { digest: 'of the test', playbooks: [tierThree] }
  let digest = ''
  let plan = ''

  beforeEach(async () => {
    const incident = await seedIncident(db.store, { openedAt: new Date(), state: 'awaiting-approval' })
    const made = await seedPlan(db.store, incident, { tier: 3, createdAt: new Date().toISOString() })
    digest = made.digest
    plan = made.id
  })

  /** What the page would say; the workflow, which nobody runs here, is asked after the rules are. */
  async function approve(token: string): Promise<string> {
    const gateway = await testGateway(db.store, { catalogue: () => catalogue })
    const form = { id: newId('dec'), verdict: 'approve', reason: '' }
    const { answer } = await post(`/plans/${digest}/decisions`, form, token, gateway)
    return String(answer['code'])
  }

  /** As the gateway keeps an approval that the workflow took. */
  async function approved(token: string): Promise<void> {
    expect(await approve(token)).toBe('conflict.not-delivered')
    await db.store
      .updateTable('decision')
      .set({ void_at: null, delivered_at: new Date() })
      .where('plan_digest', '=', digest)
      .execute()
  }

  /** What the run's own check says inside the lease. */
  async function mayRun() {
    const { policies } = await gatewayDeps(db.store)
    const parts = { store: db.store, catalogue: () => catalogue, policies, config: pagesConfig, now: () => new Date() }
    const { verdict, rule } = await createDecideAgain(parts)(plan, newId('run'))
    return [verdict, rule.id]
  }

  const before = async (person: Person) => {
    const token = await logInAs(db.store, person)
    await db.store
      .updateTable('plan')
      .set({ created_at: new Date(Date.now() + 1) })
      .where('id', '=', plan)
      .execute()
    return token
  }

  test('is approved by two who were there before', async () => {
    const hands = [{ by: 'mallory', at: new Date(Date.now() - 3_600_000).toISOString() }]
    const [first, second] = [await logInAs(db.store, mallory), await logInAs(db.store, bob, 'cli', hands)]
    await approved(first)
    await approved(second)
    expect(await mayRun()).toEqual(['ask', 'tier-three-two-people'])
  })

  test('is not approved by an admin and whom they let in for it', async () => {
    const admin = await before(mallory)
    await approved(admin)
    expect(await approve(await letIn(admin, bob))).toBe('policy.forbidden')
  })

  test('is not approved by whom an admin let in for it and then that admin', async () => {
    const admin = await before(mallory)
    await approved(await letIn(admin, bob))
    expect(await approve(admin)).toBe('policy.forbidden')
  })

  test('is not approved by two whom one admin let in for it', async () => {
    const admin = await before(mallory)
    await approved(await letIn(admin, bob))
    expect(await approve(await letIn(admin, ann))).toBe('policy.forbidden')
  })

  test('is not approved through a second admin made up for it', async () => {
    const admin = await before(mallory)
    const madeUp = await letIn(admin, { name: 'sock', role: 'admin', team: 'default' })
    const another = await letIn(madeUp, bob)
    await approved(admin)
    expect(await approve(another)).toBe('policy.forbidden')
  })

  test('is not approved under the name of a colleague whose code an admin typed', async () => {
    await logInAs(db.store, bob)
    const admin = await before(mallory)
    await approved(admin)
    expect(await approve(await letIn(admin, bob))).toBe('policy.forbidden')
  })

  test('is not approved by a viewer whom the first approver made an approver for it', async () => {
    const viewer = await logInAs(db.store, { ...bob, role: 'viewer' })
    const admin = await before(mallory)
    await approved(admin)
    await post('/people', bob, admin)
    expect(await approve(viewer)).toBe('policy.forbidden')
  })

  test('is not approved with a code from before that was typed after', async () => {
    const admin = await logInAs(db.store, mallory)
    const { answer } = await post('/people', bob, admin)
    await before(mallory)
    await approved(admin)
    const { answer: opened } = await post('/login', { code: answer['code'], kind: 'cli' }, '')
    expect(await approve(String(opened['token']))).toBe('policy.forbidden')
  })

  test('is approved by a colleague whom another admin let in for it', async () => {
    const other = await logInAs(db.store, { ...mallory, name: 'olga' })
    const admin = await before(mallory)
    await approved(admin)
    expect(await approve(await letIn(other, bob))).toBe('conflict.not-delivered')
  })

  test('does not run when both approved at the same instant, before either knew of the other', async () => {
    const admin = await before(mallory)
    const madeUp = await letIn(admin, bob)
    await Promise.all([approve(admin), approve(madeUp)])
    const delivered = { void_at: null, delivered_at: new Date() }
    await db.store.updateTable('decision').set(delivered).where('plan_digest', '=', digest).execute()
    expect(await mayRun()).toEqual(['forbid', 'same-hand'])
  })

  test('does not run when one of them was removed in between', async () => {
    const [first, second] = [await before(ann), await before(bob)]
    await approved(first)
    await approved(second)
    await removePerson(db.store, 'bob', 'mallory', new Date())
    expect(await mayRun()).toEqual(['forbid', 'approvals'])
  })

  test('is not approved by who wrote its playbook, nor by whom they let in for it', async () => {
    const author = await before({ name: 'wendy', role: 'admin', team: 'default' })
    expect(await approve(author)).toBe('policy.forbidden')
    expect(await approve(await letIn(author, bob))).toBe('policy.forbidden')
  })
})
