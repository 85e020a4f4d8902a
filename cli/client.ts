// How commands reach a running Millwright: its HTTP API with the token that `up` wrote for the local user.
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { Failure, failureCode } from '../domain/failure.ts'
import { dataFolder } from '../runtime/data-folder.ts'

const waitSeconds = 15

const Token = z.strictObject({ url: z.url(), token: z.string() })

/** Headers as plain pairs, so that ours can be laid over them. */
type Asked = Omit<RequestInit, 'headers'> & { readonly headers?: Readonly<Record<string, string>> }

export type Client = {
  /** Where the pages are. */
  readonly url: string
  /** The answer of our own server, whose shape `domain/telling/view.ts` declares. */
  readonly get: <T>(path: string) => Promise<T>
  readonly getText: (path: string, accept: string) => Promise<string>
  readonly post: <T>(path: string, body: Readonly<Record<string, unknown>>) => Promise<T>
}

/** Reads address and token; nothing is asked yet. Throws `upstream.unavailable` when nothing runs on the folder. */
export function connect(data: string | undefined): Client {
  const folder = dataFolder(data)
  const { url, token } = readToken(folder.cliToken, folder.root)
  const ask = async (path: string, init: Asked): Promise<string> => {
    const headers = { accept: 'application/json', ...init.headers, authorization: `Bearer ${token}` }
    const signal = AbortSignal.timeout(waitSeconds * 1_000)
    const address = new URL(`/api/v1${path}`, url)
    const response = await fetch(address, { ...init, headers, signal, redirect: 'error' }).catch((cause: unknown) => {
      throw notThere(folder.root, cause)
    })
    const text = await response.text()
    if (!response.ok) throw problem(response.status, text)
    return text
  }
  return {
    url,
    get: async (path) => JSON.parse(await ask(path, {})),
    getText: (path, accept) => ask(path, { headers: { accept } }),
    post: async (path, body) => {
      const headers = { 'content-type': 'application/json' }
      const text = await ask(path, { method: 'POST', body: JSON.stringify(body), headers })
      return JSON.parse(text === '' ? 'null' : text)
    },
  }
}

function readToken(file: string, root: string): z.infer<typeof Token> {
  try {
    return Token.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (cause) {
    throw notThere(root, cause)
  }
}

function notThere(root: string, cause: unknown): Failure {
  return new Failure({
    code: 'upstream.unavailable',
    message: `No Millwright answers that keeps its data in ${root}.`,
    hint: 'Start it with `npx millwright up`, or name the folder of a running one: --data DIR, or MILLWRIGHT_DATA=DIR for every command.',
    cause,
  })
}

const Problem = z.looseObject({ code: z.string(), message: z.string(), hint: z.string().nullable().optional() })

/** The server's own words, with its code, so that the command ends with the exit code that belongs to it. */
function problem(status: number, text: string): Failure {
  const parsed = Problem.safeParse(parseOrNull(text))
  if (!parsed.success) {
    return new Failure({ code: 'upstream.rejected', message: `Millwright answered ${status} without saying why.` })
  }
  const { message, hint } = parsed.data
  return new Failure({ code: failureCode(parsed.data), message, ...(typeof hint === 'string' ? { hint } : {}) })
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
