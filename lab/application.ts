// The team's own application on the lab's hosts: how it is made to outgrow its memory limit, and when it is well.
import type { Target } from './fault.ts'
import { attemptInside } from './inside.ts'
import { applicationAnswers, unitProcesses } from './look.ts'

export const application = 'acme-app.service'
const feedBytes = 8 * 1024 * 1024
const feedRounds = 20
/** curl's word for an answer that did not come in time: on a busy machine, not because it was killed. */
const tooSlow = 28

/** Sends the application more than its unit may hold, until the kernel kills it. */
export async function outgrowMemory({ host }: Target): Promise<void> {
  const post = [
    'curl',
    '--silent',
    '--max-time',
    '5',
    '--output',
    '/dev/null',
    '--data-binary',
    '@-',
    'http://127.0.0.1:8080/keep',
  ]
  for (let round = 0; round < feedRounds; round += 1) {
    const { exitCode } = await attemptInside(host, post, { input: 'x'.repeat(feedBytes) })
    if (exitCode !== 0 && exitCode !== tooSlow) return
  }
}

export async function applicationProblems(target: Target): Promise<readonly string[]> {
  return [
    ...(unitProcesses(target, application).length === 0 ? [`No process of ${application} runs.`] : []),
    ...((await applicationAnswers(target)) ? [] : ['The application does not answer on port 8080.']),
  ]
}
