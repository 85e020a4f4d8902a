import type { Fault } from '../fault.ts'
import { applicationProblems } from '../application.ts'
import { attemptInside, inside } from '../inside.ts'
import { webProblems } from '../nginx.ts'

const report = 'acme-report.service'
const hungry = 'held = [bytearray(1 << 20) for _ in range(64)]'
const noise = Array.from(
  { length: 200 },
  (_, at) => `ERROR acme-app: upstream request ${String(at)} failed, retrying\n`,
).join('')

export default {
  summary: 'A one-off report was killed for memory and the log is full of errors, but every service is well.',
  alert: 'HostOomKillDetected',
  clue: null,
  ending: { kind: 'nothing-to-do', why: 'No declared service is affected; an alarm and a loud log are no fault.' },
  mayChange: { units: [report], ports: [], files: [] },
  break: async (target) => {
    await inside(target.host, ['systemd-cat', '--identifier=acme-app', '--priority=err', 'cat'], { input: noise })
    // Collected at once: not even a failed unit is left.
    const once = ['systemd-run', '--quiet', '--wait', '--collect', `--unit=${report}`, '--property=MemoryMax=16M']
    await attemptInside(target.host, [...once, 'python3', '-c', hungry])
  },
  judge: async (target) => ({
    problems: [...(await webProblems(target)), ...(await applicationProblems(target))],
    collateral: [],
  }),
  heal: () => Promise.resolve(),
} satisfies Fault
