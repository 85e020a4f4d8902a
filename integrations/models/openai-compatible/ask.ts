import type { Question, Reply, Stop } from '../../../domain/model.ts'
import { estimatedUsage, storable, toldApart } from '../../model-answer.ts'
import { brokenOff, ownFailure, unanswered } from '../../model-failure.ts'
import type { Tools } from '../../model.ts'
import type { Config } from './index.ts'
import { type Heard, listen, refusalIn } from './listen.ts'
import { requestOf } from './request.ts'

export async function ask(question: Question, config: Config, { secret, signal, fetch }: Tools): Promise<Reply> {
  const key = config.key === undefined ? '' : secret(config.key)
  const body = requestOf(question, config)
  const headers = {
    accept: 'text/event-stream',
    'content-type': 'application/json',
    'user-agent': 'millwright',
    ...(key === '' ? {} : { authorization: `Bearer ${key}` }),
  }
  try {
    const url = `${config.url.replace(/\/+$/, '')}/chat/completions`
    const response = await fetch(url, { method: 'POST', headers, body, signal })
    if (!response.ok) throw await refusalOf(response, key)
    const heard = await listen(response)
    signal.throwIfAborted()
    const { fault } = heard
    if (fault !== null) {
      throw unanswered({ status: statusIn(fault.code), headers: null, says: fault.message, key, cause: undefined })
    }
    if (!heard.ended) throw brokenOff()
    return replyOf(question, heard, body)
  } catch (error) {
    signal.throwIfAborted()
    throw ownFailure(error) ?? faultOf(error, key)
  }
}

async function refusalOf(response: Response, key: string): Promise<Error> {
  const text = await response.text()
  const { status, headers } = response
  // Told apart by it from a fault in the middle of an answer: what has a status was not paid.
  const cause = Object.assign(new Error(`HTTP ${status}`), { status })
  return unanswered({ status, headers, says: refusalIn(text)?.message ?? text, key, cause })
}

function replyOf(question: Question, heard: Heard, sent: string): Reply {
  const calls = toldApart(question, heard.calls)
  const usage = heard.usage ?? estimatedUsage(sent, JSON.stringify([heard.text, heard.thought, heard.calls]))
  return { text: storable(heard.text), calls, own: null, stop: stopOf(heard, calls.length), usage }
}

function stopOf({ refused, stop }: Heard, calls: number): Stop {
  if (refused || stop === 'content_filter') return 'refused'
  if (stop === 'length') return 'cut-off'
  return calls > 0 ? 'tools' : 'done'
}

/** Some gateways say in the middle of an answer, as a number, what a status would have said. */
function statusIn(code: unknown): number | null {
  return typeof code === 'number' && code >= 400 && code < 600 ? code : null
}

function faultOf(error: unknown, key: string): Error {
  if (!(error instanceof TypeError)) return brokenOff(error)
  const says = error.cause instanceof Error ? error.cause.message : error.message
  return unanswered({ status: null, headers: null, says, key, cause: error })
}
