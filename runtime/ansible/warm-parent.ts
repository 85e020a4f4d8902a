// The process that has imported Ansible: started once, asked in lines of JSON, told of every end.
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { RunId } from '../../domain/ids.ts'
import { toolPath } from '../tools.ts'
import { writeAnsibleConfig } from './config-file.ts'
import { controllerPython } from './frame.ts'
import { ansibleEnvironment, interpreterOf } from './launcher.ts'
import { eachLine } from './lines.ts'
import { inFolder } from './run-folder.ts'

export type WarmParent = {
  /** Forks for a run. */
  readonly carryOut: (run: RunId, request: ForkRequest) => Carried
  readonly isAlive: () => boolean
  /** How many it has forked. */
  readonly runs: () => number
  /** Takes no more, and ends when all that it has forked have ended. */
  readonly retire: () => void
}

export type ForkRequest = {
  readonly folder: string
  /** The file to which a process writes its id to enter the run's control group. */
  readonly group: string
  readonly environment: Readonly<Record<string, string>>
  readonly arguments: readonly string[]
}

export type Carried = {
  readonly pid: Promise<number>
  /** Also resolves when the parent itself is gone: then only the control group knows. */
  readonly exited: Promise<void>
}

const Answer = z.union([
  z.object({ ready: z.literal(true) }),
  z.object({ run: z.string(), pid: z.int().min(2) }),
  z.object({ ended: z.int(), code: z.int() }),
])

const longestAnswerBytes = 4_096

type Waiting = { readonly pid: PromiseWithResolvers<number>; readonly exited: PromiseWithResolvers<void> }

/** Throws `setup.missing`. */
export function startWarmParent(privateDir: string): WarmParent {
  const child = start(join(privateDir, 'warm'))
  const waiting = new Map<string, Waiting>()
  const living = new Map<number, string>()
  let alive = true
  let retired = false
  let count = 0
  const settle = (run: string): void => {
    waiting.get(run)?.exited.resolve()
    waiting.delete(run)
    if (retired && waiting.size === 0) child.stdin?.end()
  }
  const gone = (): void => {
    alive = false
    for (const run of waiting.keys()) settle(run)
  }
  child.once('error', gone)
  child.once('exit', gone)
  child.stdin?.on('error', () => undefined)
  if (child.stdout !== null) {
    void eachLine(child.stdout, longestAnswerBytes, (line) => {
      const answer = Answer.safeParse(JSON.parse(line)).data
      if (answer === undefined || 'ready' in answer) return
      if ('run' in answer) {
        living.set(answer.pid, answer.run)
        waiting.get(answer.run)?.pid.resolve(answer.pid)
      } else {
        settle(living.get(answer.ended) ?? '')
        living.delete(answer.ended)
      }
    })
  }
  return {
    carryOut: (run, request) => {
      const one = { pid: Promise.withResolvers<number>(), exited: Promise.withResolvers<void>() }
      waiting.set(run, one)
      count += 1
      if (alive) child.stdin?.write(`${JSON.stringify({ run, ...request })}\n`)
      else settle(run)
      return { pid: one.pid.promise, exited: one.exited.promise }
    },
    isAlive: () => alive && !retired,
    runs: () => count,
    retire: () => {
      retired = true
      if (waiting.size === 0) child.stdin?.end()
    },
  }
}

function start(folder: string): ChildProcess {
  const temporary = join(folder, inFolder.temporary)
  mkdirSync(temporary, { recursive: true, mode: 0o700 })
  writeAnsibleConfig(folder)
  const program = toolPath('ansible-playbook')
  const stderr = openSync(join(folder, inFolder.stderr), 'w', 0o600)
  try {
    return spawn(interpreterOf(program), ['-I', join(controllerPython, 'warm.py'), program, join(folder, 'modules')], {
      cwd: folder,
      env: ansibleEnvironment(folder, temporary),
      detached: true,
      stdio: ['pipe', 'pipe', stderr],
    })
  } finally {
    closeSync(stderr)
  }
}
