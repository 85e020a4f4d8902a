// Failures on their way through Temporal: words and stack go sealed, and words that came unsealed are nobody's.
// Loaded by every client and worker of ours, and bundled with the workflows.
import {
  ApplicationFailure,
  DefaultFailureConverter,
  type FailureConverter,
  type PayloadConverter,
  type ProtoFailure,
} from '@temporalio/common'
import { isForged } from '../domain/forged.ts'

const sdk = new DefaultFailureConverter({ encodeCommonAttributes: true })

/** Whoever reaches the server can end an activity with a failure of their own making: it stays a failure. */
const unsealedWords = 'It failed, and what it says is not ours.'
const timeoutWords = 'Nobody answered in time.'

export const failureConverter: FailureConverter = {
  errorToFailure: (error, payloads, context) => sdk.errorToFailure(error, payloads, context),
  failureToError: (failure, payloads, context) => {
    try {
      return sdk.failureToError(ownWords(failure, payloads), payloads, context)
    } catch {
      // A malformed one would otherwise fail the workflow's task, again and again.
      return ApplicationFailure.nonRetryable(unsealedWords)
    }
  },
}

function ownWords(failure: ProtoFailure, payloads: PayloadConverter): ProtoFailure {
  const cause = failure.cause ? ownWords(failure.cause, payloads) : null
  const { encodedAttributes } = failure
  if (encodedAttributes && !isForged(payloads.fromPayload(encodedAttributes))) return { ...failure, cause }
  const message = failure.timeoutFailureInfo ? timeoutWords : unsealedWords
  return { ...failure, cause, message, stackTrace: '', encodedAttributes: null }
}
