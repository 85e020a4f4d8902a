// A worker that carries out one run and is killed in the middle of it: started by path, told all in one argument.
import pino from 'pino'
import { z } from 'zod'
import { createRunPlaybook } from '../../activities/run-playbook.ts'
import { describeLab } from '../../lab/up.ts'
import { requireState } from '../../lab/state.ts'
import { launchSpawned } from '../../runtime/ansible/launch-spawned.ts'
import { createWarmLauncher } from '../../runtime/ansible/launch-warm.ts'
import { createCertificateDoor } from '../../runtime/certificate-door.ts'
import { connectStore } from '../../store/connect.ts'
import { labFleet } from './lab-fleet.ts'

const Told = z.strictObject({
  url: z.string(),
  lab: z.string(),
  dir: z.string(),
  privateDir: z.string(),
  run: z.string(),
  driver: z.enum(['spawned', 'warm']),
})

const { url, lab, dir, privateDir, run, driver } = Told.parse(JSON.parse(process.argv[2] ?? ''))
const fleet = await labFleet({ ...describeLab(requireState(lab)), timings: {}, stop: async () => undefined })
const { host, authority, measure } = fleet.fleet('web-01')
const runPlaybook = createRunPlaybook({
  store: connectStore(url),
  playbooksDir: dir,
  inventory: () => ({ digest: 'i', hosts: [host] }),
  decideAgain: async () => ({ verdict: 'auto', rule: { id: 'test', says: 'Go.' }, policies: 'p' }),
  measure,
  door: createCertificateDoor({ authority, sourceAddress: null, measure }),
  launch: driver === 'warm' ? createWarmLauncher(privateDir).launch : launchSpawned,
  privateDir,
  log: pino({ enabled: false }),
  now: () => new Date(),
  cancelled: () => new AbortController().signal,
})
process.stdout.write(`${JSON.stringify(await runPlaybook({ run }))}\n`)
