import { spawn } from 'node:child_process'
import { exitCode } from './command.ts'

/** Runs one of our programs in the foreground and ends with its exit code. */
export async function runByPath(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [program, ...args], { stdio: 'inherit' })
  // Ctrl-C on a terminal reaches it twice, which means no more than once to any of them.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? exitCode.failure))
  })
}
