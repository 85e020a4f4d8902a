// Every time-out and every retry of the straight line stands here, with its reason.
import { ActivityCancellationType, proxyActivities, proxyLocalActivities } from '@temporalio/workflow'
import type { ControlActivities, HandsActivities, MindActivities } from '../activities/types.ts'
import { controlQueue, handsQueue, mindQueue } from './messages.ts'

type Anchor = Pick<ControlActivities, 'readStory' | 'record'>
type Request = Pick<ControlActivities, 'requestRun'>
type Local = Omit<ControlActivities, 'readStory' | 'record' | 'requestRun'>

/** Milliseconds of SQL. A database that is away for longer than ten minutes hands the incident over. */
export const control = proxyLocalActivities<Local>({
  startToCloseTimeout: '15 seconds',
  scheduleToCloseTimeout: '10 minutes',
  retry: { initialInterval: '100 milliseconds', backoffCoefficient: 2, maximumInterval: '10 seconds' },
})

/**
 * What is not written did not happen, and without knowing where it stands no story begins: tried until the database is
 * back.
 */
export const { readStory, record: writeTransition } = proxyLocalActivities<Anchor>({
  startToCloseTimeout: '15 seconds',
  retry: { initialInterval: '100 milliseconds', backoffCoefficient: 2, maximumInterval: '10 seconds' },
})

/**
 * An ordinary activity: when it is scheduled, everything before it is history, so it can't be reached twice by two
 * stories.
 */
export const { requestRun } = proxyActivities<Request>({
  taskQueue: controlQueue,
  startToCloseTimeout: '10 seconds',
  scheduleToCloseTimeout: '2 minutes',
  retry: { initialInterval: '200 milliseconds', backoffCoefficient: 2, maximumInterval: '5 seconds' },
})

/**
 * A model may think for minutes, and says in its refusals when it wants to be asked again. A call that was answered is
 * never repeated: it is looked up first. As often as the ledger lets it be asked, so that people read the last refusal.
 */
export const mind = proxyActivities<MindActivities>({
  taskQueue: mindQueue,
  startToCloseTimeout: '10 minutes',
  scheduleToStartTimeout: '5 minutes',
  scheduleToCloseTimeout: '30 minutes',
  heartbeatTimeout: '20 seconds',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '1 minute', maximumAttempts: 5 },
})

type Look = Pick<HandsActivities, 'collectEvidence' | 'lookFurther'>
type Health = Pick<HandsActivities, 'checkHealth'>
type Watch = Pick<HandsActivities, 'awaitRecovery' | 'holdRecovery'>
type Run = Pick<HandsActivities, 'runPlaybook'>
type Reconcile = Pick<HandsActivities, 'reconcileRun'>

/**
 * The activities of a zone. All wait until a cancelled one has really stopped: the default goes on while Ansible still
 * runs.
 * The hands worker heartbeats for each of them every two seconds; a worker that is silent for twenty is lost.
 */
export function handsIn(zone: string): HandsActivities {
  const common = {
    taskQueue: handsQueue(zone),
    heartbeatTimeout: '20 seconds',
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  } as const
  /** One exchange with each host; a host that does not answer is an answer, so retries are for lost workers. */
  const { collectEvidence, lookFurther } = proxyActivities<Look>({
    ...common,
    startToCloseTimeout: '90 seconds',
    scheduleToCloseTimeout: '5 minutes',
    retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumAttempts: 3 },
  })
  /** It waits for rules that look back over a window, ten minutes at most. */
  const { checkHealth } = proxyActivities<Health>({
    ...common,
    startToCloseTimeout: '12 minutes',
    scheduleToStartTimeout: '5 minutes',
    retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumAttempts: 3 },
  })
  /** As long as the longest settle time and soak of a manifest. Reading again from the start is harmless. */
  const { awaitRecovery, holdRecovery } = proxyActivities<Watch>({
    ...common,
    startToCloseTimeout: '2 hours',
    scheduleToStartTimeout: '10 minutes',
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumAttempts: 5 },
  })
  /**
   * Once, whatever happens: an interrupted run is reconciled, never repeated. Longest run 540 s, then the doors are
   * closed.
   */
  const { runPlaybook } = proxyActivities<Run>({
    ...common,
    startToCloseTimeout: '12 minutes',
    scheduleToStartTimeout: '3 minutes',
    retry: { maximumAttempts: 1 },
  })
  /** It waits out the run's hard time-out on the host, then reads. It starts nothing, so it may be tried again. */
  const { reconcileRun } = proxyActivities<Reconcile>({
    ...common,
    startToCloseTimeout: '15 minutes',
    scheduleToCloseTimeout: '40 minutes',
    retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '1 minute', maximumAttempts: 6 },
  })
  return { collectEvidence, lookFurther, checkHealth, awaitRecovery, holdRecovery, runPlaybook, reconcileRun }
}
