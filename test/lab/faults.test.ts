import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest'
import { breakHost, faultNames, healHost, judgeHost, loadFault, type Verdict } from '../../lab/oracle.ts'
import { type LabState, requireState } from '../../lab/state.ts'
import { type Lab, startLab } from '../../lab/up.ts'
import { type Receiver, startReceiver } from './receiver.ts'

const faults = await faultNames()
const healRounds = 600
/** Each breaks and heals by itself; most of a fault's time is Alertmanager's. */
const hosts = ['web-01', 'web-02', 'web-03'] as const

test('there are at least twelve faults', () => {
  expect(faults.length).toBeGreaterThanOrEqual(12)
})

describe.concurrent('on a real host', () => {
  let lab: Lab
  let state: LabState
  let receiver: Receiver
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lab-test-'))
    await writeFile(join(folder, 'token'), 'token', { mode: 0o600 })
    receiver = await startReceiver()
    lab = await startLab({
      hosts: hosts.length,
      onboarded: false,
      webhook: { url: receiver.url, bearerFile: join(folder, 'token') },
    })
    state = requireState(lab.name)
  })

  afterAll(async () => {
    await lab.stop()
    receiver.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** A service that was just started may need a moment to answer. */
  async function healed(fault: string, host: string): Promise<Verdict> {
    for (let round = 0; ; round += 1) {
      const verdict = await judgeHost(state, fault, host)
      if (verdict.healthy || round === healRounds) return verdict
      await sleep(50)
    }
  }

  const idle: string[] = [...hosts]
  const waiting: ((host: string) => void)[] = []
  /** A host that nothing is wrong with, until the test is over. */
  async function hostOfOwn(whenOver: TestContext['onTestFinished']): Promise<string> {
    const host = idle.pop() ?? (await new Promise<string>((resolve) => waiting.push(resolve)))
    whenOver(() => {
      const next = waiting.shift()
      if (next === undefined) idle.push(host)
      else next(host)
    })
    return host
  }

  test.for(faults)('%s raises its alert, is seen by the oracle, and can be healed', async (name, context) => {
    const host = await hostOfOwn(context.onTestFinished)
    const fault = await loadFault(name)
    const since = performance.now()
    await breakHost(state, name, host)
    const verdict = await judgeHost(state, name, host)
    expect(verdict.healthy).toBe(fault.ending.kind === 'nothing-to-do')
    expect(verdict.collateral).toEqual([])
    const wanted = { alertname: fault.alert, instance: new RegExp(host) }
    const delivery = await receiver.waitFor(wanted, { since })
    const alert = delivery.payload.alerts.find(
      ({ status, labels }) =>
        status === 'firing' && labels['alertname'] === fault.alert && labels['instance']?.includes(host),
    )
    expect(await healHost(state, host)).toEqual([name])
    expect(await healed(name, host)).toMatchObject({ healthy: true, problems: [] })
    // Alertmanager tells of an alert again only after it has told of its end. The rule for memory looks back over a
    // minute.
    if (fault.alert !== 'HostOomKillDetected')
      await receiver.waitFor(alert?.labels ?? {}, { status: 'resolved', since: delivery.at })
  })
})
