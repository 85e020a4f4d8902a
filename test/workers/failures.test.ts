import { ApplicationFailure } from '@temporalio/common'
import { expect, test } from 'vitest'
import { Failure } from '../../domain/failure.ts'
import { failureInterceptor } from '../../workers/failures.ts'

const { execute } = failureInterceptor((text) => text)

async function thrown(failure: Failure): Promise<unknown> {
  const next = () => Promise.reject(failure)
  return execute?.({ args: [], headers: {} }, next).then(
    () => 'nothing was thrown',
    (error: unknown) => error,
  )
}

const busy = (retryAfterMilliseconds?: number) =>
  new Failure({
    code: 'upstream.unavailable',
    message: 'It is busy.',
    ...(retryAfterMilliseconds === undefined ? {} : { retryAfterMilliseconds }),
  })

test('who says when to be asked again is asked then, but not so late that nobody would wait', async () => {
  expect(await thrown(busy(7_000))).toMatchObject({ type: 'upstream.unavailable', nextRetryDelay: 7_000 })
  expect(await thrown(busy(86_400_000))).toMatchObject({ nextRetryDelay: 300_000 })
  for (const failure of [busy(), busy(0)]) {
    const error = await thrown(failure)
    expect(error).toBeInstanceOf(ApplicationFailure)
    expect(error).toMatchObject({ nonRetryable: false, nextRetryDelay: undefined })
  }
})

test('what never goes better is not tried again', async () => {
  const rejected = new Failure({ code: 'upstream.rejected', message: 'The key is not taken.' })
  expect(await thrown(rejected)).toMatchObject({ nonRetryable: true, message: 'The key is not taken.' })
})
