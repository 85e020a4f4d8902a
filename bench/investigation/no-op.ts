// A workflow that does nothing, with as many steps as another one took.
import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow'

export type Step = 'activity' | 'local'
export type Nothing = { readonly nothing: () => Promise<null> }

export const elsewhere = 'bench-elsewhere'

const local = proxyLocalActivities<Nothing>({ startToCloseTimeout: '1 minute' })
const activity = proxyActivities<Nothing>({ taskQueue: elsewhere, startToCloseTimeout: '1 minute' })

export async function noOp({ steps }: { readonly steps: readonly Step[] }): Promise<void> {
  for (const step of steps) await (step === 'local' ? local.nothing() : activity.nothing())
}
