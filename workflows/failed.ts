// An activity that failed for good, as a value: for steps that have something better to do than to hand over.
import { ActivityFailure, ApplicationFailure, TemporalFailure } from '@temporalio/workflow'

/** The activity's answer, or `otherwise` when it failed for good. What is not an activity's failure is thrown on. */
export function orElse<Answer, Otherwise>(
  activity: Promise<Answer>,
  otherwise: Otherwise,
): Promise<Answer | Otherwise> {
  return orBecause(activity, () => otherwise)
}

/** Its own words are at most so long, characters. */
const longestSaid = 500

/** The same, made of what the activity said; null: it said nothing, for nobody carried it out to its end. */
export async function orBecause<Answer, Otherwise>(
  activity: Promise<Answer>,
  otherwise: (said: string | null) => Otherwise,
): Promise<Answer | Otherwise> {
  try {
    return await activity
  } catch (error) {
    if (!(error instanceof TemporalFailure)) throw error
    const cause = causeOf(error)
    return otherwise(cause instanceof ApplicationFailure ? cause.message.slice(0, longestSaid) : null)
  }
}

/** A local activity's failure comes as it is, an ordinary one's inside an ActivityFailure. */
export function causeOf(error: unknown): unknown {
  return error instanceof ActivityFailure ? error.cause : error
}
