// An activity that failed for good, as a value: for steps that have something better to do than to hand over.
import { TemporalFailure } from '@temporalio/workflow'

/** The activity's answer, or `otherwise` when it failed for good. What is not an activity's failure is thrown on. */
export async function orElse<Answer, Otherwise>(
  activity: Promise<Answer>,
  otherwise: Otherwise,
): Promise<Answer | Otherwise> {
  try {
    return await activity
  } catch (error) {
    // A local activity's failure comes as it is, an ordinary one's inside an ActivityFailure.
    if (!(error instanceof TemporalFailure)) throw error
    return otherwise
  }
}
