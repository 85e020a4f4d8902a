import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import type { Fault, Target } from '../fault.ts'
import { monitorOf } from '../monitor.ts'
import { crashUnit, mendUnit, nginx, webProblems } from '../nginx.ts'

const alertTimeoutMs = 10_000
const pollMs = 20
const Alerts = z.array(z.looseObject({ labels: z.record(z.string(), z.string()) }))

/** Waits until Alertmanager holds an alert about this host's nginx, so that the recovery comes right after it. */
async function untilAlerted({ state, host }: Target): Promise<void> {
  const monitor = state.hosts.find((one) => one.role === 'mon')
  if (monitor === undefined) return
  const filter = encodeURIComponent(`name="${nginx}"`)
  const deadline = Date.now() + alertTimeoutMs
  while (Date.now() < deadline) {
    const answer = await fetch(`${monitorOf(monitor).alertmanagerUrl}/api/v2/alerts?filter=${filter}`)
    const alerts = Alerts.parse(await answer.json())
    if (alerts.some(({ labels }) => labels['instance']?.startsWith(`${host.name}:`) === true)) return
    await sleep(pollMs)
  }
}

export default {
  summary: 'nginx crashed and came back by itself as soon as the alert had fired.',
  alert: 'HostSystemdServiceCrashed',
  clue: null,
  ending: { kind: 'nothing-to-do', why: 'The host is well before anybody looks.' },
  mayChange: { units: [nginx], ports: [80], files: [] },
  break: async (target) => {
    await crashUnit(target, nginx)
    await untilAlerted(target)
    await mendUnit(target, nginx)
  },
  judge: async (target) => ({ problems: await webProblems(target), collateral: [] }),
  heal: (target) => mendUnit(target, nginx),
} satisfies Fault
