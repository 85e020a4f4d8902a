// From the start of a lab to the moment when each of its five hosts answers SSH, beside a lab of one host.
import { startLab } from '../lab/up.ts'
import { median, note, print } from './measuring/result.ts'

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 3)
const hosts = 5

const times = { ours: [] as number[], control: [] as number[] }
for (let round = 0; round < rounds; round += 1) {
  times.control.push(await millisecondsOf(1))
  times.ours.push(await millisecondsOf(hosts))
}
const against = 'one host, by itself'
print({
  name: `${hosts} hosts answer SSH`,
  value: median(times.ours),
  unit: 'ms',
  control: median(times.control),
  against,
})

async function millisecondsOf(count: number): Promise<number> {
  const lab = await startLab({ hosts: count, monitoring: false, progress: note })
  await lab.stop()
  return lab.timings['ssh'] ?? Number.NaN
}
