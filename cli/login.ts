import { mkdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { isCancel, password } from '@clack/prompts'
import { z } from 'zod'
import { Failure, failureCode } from '../domain/failure.ts'
import { dataFolder, readState, writePrivate } from '../runtime/data-folder.ts'
import type { CliCommand } from './command.ts'
import { say } from './print.ts'

const Answer = z.looseObject({ token: z.string() })
const Problem = z.looseObject({ message: z.string() })
const waitSeconds = 15

type Options = { readonly data?: string; readonly url?: string }

export default {
  summary: 'trade a one-time code for a token that the other commands use',
  build: (command) => {
    command
      .argument('[code]', 'the code that `millwright up` printed; without it: asked for, or read from stdin')
      .option('--url <url>', 'where the pages are; default: of the Millwright on the data folder')
      .option('--data <dir>', 'the folder that keeps the token')
      .action(login)
  },
} satisfies CliCommand

async function login(given: string | undefined, { data, url }: Options): Promise<void> {
  const folder = dataFolder(data)
  const address = url ?? readState(folder)?.url
  if (address === undefined) {
    throw new Failure({
      code: 'input.usage',
      message: 'Where is Millwright?',
      hint: 'Add --url https://millwright.example',
    })
  }
  const code = given ?? (await askForCode())
  const response = await fetch(new URL('/api/v1/login', address), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code, kind: 'cli' }),
    signal: AbortSignal.timeout(waitSeconds * 1_000),
  })
  const body: unknown = await response.json().catch(() => null)
  const answer = Answer.safeParse(body)
  if (!response.ok || !answer.success) {
    const said = Problem.safeParse(body)
    throw new Failure({
      code: response.ok ? 'upstream.rejected' : failureCode(body),
      message: said.success ? said.data.message : `${address} answered ${response.status}.`,
      hint: 'A code works once and for ten minutes; `millwright up` prints a new one at each start.',
    })
  }
  mkdirSync(folder.root, { recursive: true, mode: 0o700 })
  writePrivate(folder.cliToken, `${JSON.stringify({ url: address, token: answer.data.token })}\n`)
  say(`Logged in; the token is in ${folder.cliToken}.`)
}

async function askForCode(): Promise<string> {
  if (process.stdin.isTTY && process.stderr.isTTY) {
    const answer = await password({ message: 'One-time code', output: process.stderr })
    return isCancel(answer) ? '' : answer
  }
  for await (const line of createInterface({ input: process.stdin })) return line
  return ''
}
